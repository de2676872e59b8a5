"""An older name that configurations of courses use: its import changes nbgrader."""

from autograder.nbgrader_plugin import install

__all__ = ["install"]

install()
