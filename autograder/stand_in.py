"""An old name (before version 0.2) that configurations of courses use."""

from autograder.runs.stand_in import StandIn

__all__ = ["StandIn"]
