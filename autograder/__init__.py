"""The engine: it releases, grades and explains notebook assignments."""

__version__ = "0.1.0"
