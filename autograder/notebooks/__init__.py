"""One submitted notebook, read and aligned with its source."""
