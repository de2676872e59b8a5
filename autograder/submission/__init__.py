"""A student's hand-in: files, archives, and the notebook in them."""
