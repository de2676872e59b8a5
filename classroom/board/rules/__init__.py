"""The rules of a competition and its files. Nothing here knows the database."""
