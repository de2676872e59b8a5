"""The gradebook and what is computed from it."""
