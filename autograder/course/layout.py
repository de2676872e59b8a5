"""The folders and files of a course."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from traitlets.config import Config

from autograder.config.nbgrader_config import ConfigFile
from autograder.config.settings import Settings, names_of
from autograder.errors import UsageError

CONFIG_NAME = "nbgrader_config.py"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Course:
    """One course folder: the folder that holds ``nbgrader_config.py``, and its settings."""

    root: Path
    settings: Settings
    config_file: ConfigFile | None = field(default=None, compare=False, repr=False)
    arguments: tuple[str, ...] = field(default=(), compare=False, repr=False)

    @classmethod
    def find(cls, start: Path | None = None, arguments: Sequence[str] = ()) -> Course:
        """The course at or above ``start`` (default: the current folder).

        ``arguments`` of the form ``--Autograder.NAME=VALUE`` replace its settings. Raises
        UsageError for a wrong setting, and if no folder on the way up holds nbgrader_config.py.
        """
        here = (start or Path.cwd()).resolve()
        for folder in (here, *here.parents):
            if (folder / CONFIG_NAME).is_file():
                config_file = ConfigFile(folder / CONFIG_NAME)
                settings = Settings.load(config_file, arguments)
                changed = ", ".join(f"{name}={value!r}" for name, value in settings.changed())
                _log.info("%s, settings: %s", folder, changed or "the defaults")
                return cls(folder, settings, config_file, tuple(arguments))
        raise UsageError(f"no course at or above {here}: no folder there holds {CONFIG_NAME}")

    @property
    def config(self) -> Config:
        """The configuration in ``nbgrader_config.py``; the caller may change it.

        Settings that arguments replaced are replaced in its section ``c.Autograder`` too.
        """
        config = (self.config_file or ConfigFile(self.root / CONFIG_NAME)).load()
        for name in names_of(self.arguments):
            config.Autograder[name] = getattr(self.settings, name)
        return config

    @property
    def source(self) -> Path:
        return self.root / "source"

    @property
    def assignments(self) -> Path:
        return self.root / "assignments"

    @property
    def solutions(self) -> Path:
        return self.root / "solutions"

    @property
    def submitted(self) -> Path:
        return self.root / "submitted"

    @property
    def autograded(self) -> Path:
        return self.root / "autograded"

    @property
    def feedback(self) -> Path:
        return self.root / "feedback"

    @property
    def gradebook(self) -> Path:
        return self.root / "gradebook.db"

    @property
    def state(self) -> Path:
        """The engine's own files: the course secret and the cached results."""
        return self.root / ".autograder"

    def assignment_names(self) -> list[str]:
        """The names of all assignments with notebooks in ``source/``."""
        return sorted({path.parent.name for path in self.source.glob("*/[0-9]*_*.py")})

    def notebook_sources(self, assignment: str) -> list[Path]:
        """The percent files of an assignment, in order.

        Raises UsageError if the assignment has none.
        """
        named = re.fullmatch(r"\w[\w.+-]*", assignment) is not None
        paths = sorted((self.source / assignment).glob("[0-9]*_*.py")) if named else []
        if not paths:
            known = ", ".join(self.assignment_names()) or "none"
            raise UsageError(
                f"no assignment named {assignment!r} in {self.source} (there: {known})"
            )
        return paths
