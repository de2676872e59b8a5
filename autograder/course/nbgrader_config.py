"""The course's ``nbgrader_config.py``."""

from __future__ import annotations

from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.course.layout import CONFIG_NAME, Course


def course_config(course: Course) -> Config:
    """The course's ``nbgrader_config.py`` as nbgrader reads it."""
    config: Config = PyFileConfigLoader(str(course.root / CONFIG_NAME)).load_config()
    return config
