"""Versions of hand-ins: their origin, their notebooks, and the ones that count."""
