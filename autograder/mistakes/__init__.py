"""Mistakes of authors: found in the source of an assignment before it is released."""
