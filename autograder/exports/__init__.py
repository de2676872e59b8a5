"""Grades as files for learning management systems and spreadsheets."""
