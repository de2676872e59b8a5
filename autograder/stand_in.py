"""A name of before version 0.2, which configurations of courses hold."""

from autograder.runs.stand_in import StandIn

__all__ = ["StandIn"]
