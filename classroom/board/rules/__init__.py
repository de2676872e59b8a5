"""The rules of a competition and the formats of its files, without a database."""
