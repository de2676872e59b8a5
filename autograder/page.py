"""A name of before version 0.2, which configurations of courses hold."""

from autograder.pages.exporter import FeedbackExporter, GetVerdicts

__all__ = ["FeedbackExporter", "GetVerdicts"]
