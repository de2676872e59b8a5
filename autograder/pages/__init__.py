"""Pages that people read: autograded notebooks and feedback."""
