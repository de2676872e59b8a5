"""An old name (before version 0.2) that configurations of courses use."""

from autograder.records.nbgrader_export import GradesExport

__all__ = ["GradesExport"]
