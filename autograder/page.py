"""An older name that configurations of courses use."""

from autograder.pages.nbgrader_feedback import FeedbackExporter, GetVerdicts

__all__ = ["FeedbackExporter", "GetVerdicts"]
