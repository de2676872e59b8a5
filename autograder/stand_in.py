"""An older name that configurations of courses use."""

from autograder.runs.stand_in import StandIn

__all__ = ["StandIn"]
