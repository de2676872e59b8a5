"""What runs in a student's process: the jail, the shell and the answering of requests.

This package and ``autograder.wall`` are all of the engine that a submission could ever see.
"""
