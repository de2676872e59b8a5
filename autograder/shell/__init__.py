"""Runs a student's cells as Colab does."""
