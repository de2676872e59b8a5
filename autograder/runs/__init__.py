"""Runs over a class: grade, verify, simulate."""
