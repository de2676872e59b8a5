"""Turns an assignment's source into student notebooks and solutions."""
