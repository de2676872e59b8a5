"""The files that a student handed in."""
