"""An older name that configurations of courses use."""

from autograder.records.nbgrader_hooks import install

__all__ = ["install"]
