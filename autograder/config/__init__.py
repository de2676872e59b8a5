"""A course's configuration and settings."""
