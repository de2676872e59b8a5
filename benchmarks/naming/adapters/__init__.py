"""Adapters from functions of other courses to the exercises of this one. See ../README.md."""
