"""The records of a course: nbgrader's gradebook and what is entered into it."""
