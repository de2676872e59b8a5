"""Received files: every version that students handed in, and the files that count."""
