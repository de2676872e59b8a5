"""Measurements of the engine; run with ``make bench``."""
