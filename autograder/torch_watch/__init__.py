"""Watches a call: torch's operations, functions of libraries, steps of Python."""
