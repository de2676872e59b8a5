"""Lessons as text: headers, both ways to a notebook, checks, shared code, placeholders."""
