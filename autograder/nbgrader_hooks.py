"""An older name that configurations of courses use."""

from autograder.nbgrader_plugin import install

__all__ = ["install"]
