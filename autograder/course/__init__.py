"""A course on the disk: where its parts lie, its settings, and its source."""
