"""People of a course: the roster in the gradebook, and the files it is imported from."""
