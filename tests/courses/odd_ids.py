"""Ids of students that would be patterns, options or hidden files."""

from __future__ import annotations

ODD_IDS = ("[ab]*", "?", "*", ".ada", "..bob", "a\nb", "[!x]", "**", "{1..3}", "üñî", "-rf", "a b ")
