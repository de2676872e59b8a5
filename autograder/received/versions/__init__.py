"""Versions of hand-ins: their origin, their notebooks, and the versions that count."""
