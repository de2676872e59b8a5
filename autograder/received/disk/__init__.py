"""Writes received files to the disk: safe names, whole folders, one writer."""
