"""Starts student processes behind walls and holds them to their limits."""
