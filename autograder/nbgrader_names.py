"""An old name (before version 0.2) that configurations of courses use."""

from autograder.nbgrader_api.paths import install

__all__ = ["install"]
