"""A student's hand-in: its notebooks, and the files beside them."""
