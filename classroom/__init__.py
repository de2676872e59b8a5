"""The site of a course: people and sign-in, and a board that nobody can overfit."""
