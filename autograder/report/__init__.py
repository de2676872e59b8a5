"""The class at a glance: a page and JSON about one assignment."""
