"""An assignment's source becomes student notebooks and solutions."""
