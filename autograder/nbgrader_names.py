"""A name of before version 0.2, which configurations of courses hold."""

from autograder.nbgrader_api.paths import install

__all__ = ["install"]
