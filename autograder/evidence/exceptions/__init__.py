"""Exceptions of a wrong answer, with the student's own line and the cases in which they come."""

from autograder.evidence.exceptions.finding import exceptions

__all__ = ["exceptions"]
