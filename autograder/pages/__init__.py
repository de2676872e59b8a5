"""Pages for people: autograded notebooks and feedback."""
