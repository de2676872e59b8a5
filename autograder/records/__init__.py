"""The gradebook, and the tables computed from it."""
