"""Paths and methods of the board's API."""

from __future__ import annotations

OPERATIONS = [
    ("/api/v1/competitions/{slug}", "GET"),
    ("/api/v1/competitions/{slug}/leaderboard", "GET"),
    ("/api/v1/competitions/{slug}/standings", "GET"),
    ("/api/v1/competitions/{slug}/submissions", "POST"),
    ("/api/v1/competitions/{slug}/submissions/mine", "GET"),
    ("/api/v1/competitions/{slug}/submissions/final", "PUT"),
    ("/api/v1/competitions/{slug}/name", "PUT"),
]
