"""Enters an assignment's cells into the gradebook."""
