"""Layouts of downloads: which files belong to which student, and when they were handed in."""
