"""A lesson and its notebook for JupyterLab: both ways, and the side that was edited."""
