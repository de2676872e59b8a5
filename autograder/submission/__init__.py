"""What a student handed in: files, archives, and the notebook in them."""
