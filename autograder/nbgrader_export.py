"""An older name that configurations of courses use."""

from autograder.records.nbgrader_export import GradesExport

__all__ = ["GradesExport"]
