"""The program of a student's process: the jail, the shell and the server of requests.

This package and ``autograder.wall`` are all of the engine that a submission could ever see.
"""
