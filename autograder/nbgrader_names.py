"""An older name that configurations of courses use."""

from autograder.nbgrader_api.paths import install

__all__ = ["install"]
