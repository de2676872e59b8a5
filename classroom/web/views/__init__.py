"""The data of pages, computed from the board."""
