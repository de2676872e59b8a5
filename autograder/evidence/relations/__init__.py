"""Relations between a wrong output and the expected one."""

from autograder.evidence.relations.finding import relations

__all__ = ["relations"]
