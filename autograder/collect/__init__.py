"""Collects downloads of learning management systems into received files."""
