"""Grades open questions by hand: a local page with all answers to one question in a row."""
