"""An old name (before version 0.2) that configurations of courses use."""

from autograder.pages.nbgrader_feedback import FeedbackExporter, GetVerdicts

__all__ = ["FeedbackExporter", "GetVerdicts"]
