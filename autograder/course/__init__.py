"""A course on the disk: its folders, its settings, and its source."""
