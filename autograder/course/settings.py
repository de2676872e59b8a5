"""Settings of a course: one table of names, defaults and explanations.

They are read from the section ``c.Autograder`` of the course's ``nbgrader_config.py``, so a course
keeps one configuration file.
"""

from __future__ import annotations

import math
from dataclasses import Field, dataclass, field, fields
from typing import Any

from autograder.course.nbgrader_config import ConfigFile
from autograder.errors import UsageError


def _setting(default: Any, help: str, grading: bool = True) -> Any:
    """A setting; ``grading`` is true if a verdict may depend on it."""
    return field(default=default, metadata={"help": help, "grading": grading})


def _problem(value: Any, default: Any) -> str:
    """The right kind of value for a setting; empty if the value is right."""
    if type(value) is not type(default):
        return type(default).__name__
    if isinstance(default, tuple) and not all(isinstance(part, str) for part in value):
        return "names of modules"
    if isinstance(default, (int, float)):
        least = "0 or more" if default == 0 else "more than 0"
        right = value >= 0 if default == 0 else 0 < value < math.inf
        return "" if right else least
    return ""


@dataclass(frozen=True)
class Settings:
    """All settings; ``Settings.table()`` lists them with their defaults and explanations."""

    cell_s: float = _setting(60.0, "wall-clock seconds one cell or one test may take")
    submission_s: float = _setting(
        300.0,
        "wall-clock seconds one notebook may take altogether, half of it for a student's own cells",
    )
    cpu_s: float = _setting(
        300.0, "processor seconds one submission may use, all its processes together"
    )
    memory_mb: int = _setting(4096, "megabytes of memory one submission may hold")
    processes: int = _setting(64, "processes one submission may run at once")
    threads: int = _setting(512, "threads one submission may run at once, over all its processes")
    sockets: int = _setting(512, "sockets one submission may have open at once")
    scratch_mb: int = _setting(512, "megabytes a submission may write to its scratch folder")
    output_kb: int = _setting(1024, "kilobytes of printed output kept of one cell")
    feedback_s: float = _setting(
        60.0, "processor seconds that the feedback pages of one student may take", grading=False
    )
    value_mb: int = _setting(64, "megabytes of one value that crosses the wall")
    value_depth: int = _setting(50, "levels of nesting of one value that crosses the wall")
    sandbox: str = _setting("bubblewrap", "isolation of submissions: bubblewrap, or process (weak)")
    workers: int = _setting(
        0, "submissions graded at once; 0 means one a processor core", grading=False
    )
    first_user_id: int = _setting(
        61184,
        "grading as root: the first of the user ids that workers take, one each",
        grading=False,
    )
    user_ids: int = _setting(
        256, "grading as root: how many user ids there are for workers", grading=False
    )
    warm_modules: tuple[str, ...] = _setting(
        ("numpy", "matplotlib.pyplot", "torch", "torch.optim", "torch._dynamo"),
        "modules loaded once, before any submission",
    )
    repository: str = _setting(
        "", "GitHub OWNER/NAME that holds assignments/, for the Colab links", grading=False
    )
    branch: str = _setting(
        "main", "branch of the repository that the Colab links point to", grading=False
    )

    @classmethod
    def table(cls) -> list[tuple[str, Any, str]]:
        """Name, default and explanation of every setting."""
        entries: tuple[Field[Any], ...] = fields(cls)
        return [(entry.name, entry.default, entry.metadata["help"]) for entry in entries]

    def of_grading(self) -> dict[str, Any]:
        """The settings that a verdict may depend on."""
        entries: tuple[Field[Any], ...] = fields(self)
        return {
            entry.name: getattr(self, entry.name) for entry in entries if entry.metadata["grading"]
        }

    @classmethod
    def load(cls, config_file: ConfigFile) -> Settings:
        """The settings in a course's ``nbgrader_config.py``.

        Raises UsageError for an unknown name or a value of the wrong type.
        """
        file_name = config_file.path.name
        given = dict(config_file.load().get("Autograder", {}))
        known = {name: default for name, default, _ in cls.table()}
        for name, value in given.items():
            if name not in known:
                raise UsageError(
                    f"{file_name}: c.Autograder.{name} is not a setting; "
                    f"the settings are {', '.join(sorted(known))}"
                )
            default = known[name]
            if isinstance(default, tuple) and isinstance(value, list):
                given[name] = value = tuple(value)
            if isinstance(default, float) and type(value) is int:
                given[name] = value = float(value)
            if expected := _problem(value, default):
                raise UsageError(
                    f"{file_name}: c.Autograder.{name} is {value!r}, expected {expected}"
                )
        return cls(**given)
