"""Helps authors: new assignments and exercises, and lessons as notebooks in JupyterLab."""
