"""Runs over a whole class: grade, verify, simulate."""
