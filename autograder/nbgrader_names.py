"""A name of before version 0.2, which configurations of courses hold."""

from autograder.records.nbgrader_names import install

__all__ = ["install"]
