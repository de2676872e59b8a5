"""Settings of a course: one table of names, defaults and explanations.

They are read from the section ``c.Autograder`` of the course's ``nbgrader_config.py``, so a course
keeps one configuration file. Arguments ``--Autograder.NAME=VALUE`` of a command replace them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import Field, dataclass, field, fields
from difflib import get_close_matches
from typing import Any

from traitlets import Float, Int, List, TraitError, TraitType, Unicode
from traitlets.config import Config, Configurable
from traitlets.config.loader import DeferredConfigList, DeferredConfigString

from autograder.config.nbgrader_config import ConfigFile
from autograder.errors import UsageError

ARGUMENT = "--Autograder."  # how an argument starts that replaces a setting


def _setting(default: Any, help: str, grading: bool = True, is_address: bool = False) -> Any:
    """A setting; ``grading`` is true if a verdict may depend on it."""
    about = {"help": help, "grading": grading, "is_address": is_address}
    return field(default=default, metadata=about)


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
    help: str = _setting(
        "", "rules of help and collaboration in the notebooks, in Markdown", grading=False
    )
    course_url: str = _setting(
        "",
        "address of the course page with the due dates; notebooks link to it",
        grading=False,
        is_address=True,
    )

    @classmethod
    def table(cls) -> list[tuple[str, Any, str]]:
        """Name, default and explanation of every setting."""
        entries: tuple[Field[Any], ...] = fields(cls)
        return [(entry.name, entry.default, entry.metadata["help"]) for entry in entries]

    def changed(self) -> list[tuple[str, Any]]:
        """Name and value of each setting that is not the default."""
        return [
            (name, getattr(self, name))
            for name, default, _ in self.table()
            if getattr(self, name) != default
        ]

    def of_grading(self) -> dict[str, Any]:
        """The settings that a verdict may depend on."""
        entries: tuple[Field[Any], ...] = fields(self)
        return {
            entry.name: getattr(self, entry.name) for entry in entries if entry.metadata["grading"]
        }

    @classmethod
    def load(cls, config_file: ConfigFile, arguments: Sequence[str] = ()) -> Settings:
        """The settings in a course's ``nbgrader_config.py``.

        ``arguments`` have the form ``--Autograder.NAME=VALUE`` and replace the file's values.
        Raises UsageError for an unknown name and for a wrong value.
        """
        section = Autograder()
        given = dict(config_file.load().Autograder)
        _apply(section, given.items(), f"{config_file.path.name}: c.Autograder.")
        _apply(section, _parsed(arguments), ARGUMENT)
        values = {name: getattr(section, name) for name, _, _ in cls.table()}
        return cls(**values | {"warm_modules": tuple(values["warm_modules"])})


class _Seconds(Float[Any, Any]):
    """A number above 0; not a truth value, not infinite."""

    def info(self) -> str:
        return "a number above 0"

    def validate(self, obj: Any, value: Any) -> float:
        number: float = super().validate(obj, value)
        if isinstance(value, bool) or not 0 < number < math.inf:
            self.error(obj, value)
        return number


class _Count(Int[Any, Any]):
    """A whole number from ``min`` on; not a truth value."""

    def info(self) -> str:
        return f"a whole number, {self.min} or more"

    def validate(self, obj: Any, value: Any) -> int:
        number: int = super().validate(obj, value)
        if isinstance(value, bool):
            self.error(obj, value)
        return number


class _Text(Unicode[Any, Any]):
    def info(self) -> str:
        return "text"


class _Address(_Text):
    """The address of a web page, or an empty text."""

    def info(self) -> str:
        return "an address that begins with https:// or http://"

    def validate(self, obj: Any, value: Any) -> str:
        text: str = super().validate(obj, value)
        if text and not re.fullmatch(r"https?://[^\s<>/][^<>\n]*", text):
            self.error(obj, value)
        return text


class _Names(List[str]):
    """A list of texts; a single text is refused."""

    def info(self) -> str:
        return "a list of names"

    def set(self, obj: Any, value: Any) -> None:
        if isinstance(value, str):  # traitlets would make a list of it
            self.error(obj, value)
        super().set(obj, value)


def _trait(entry: Field[Any]) -> TraitType[Any, Any]:
    """The trait that checks a setting's values."""
    default: Any = entry.default
    help = entry.metadata["help"]
    made: TraitType[Any, Any]
    if isinstance(default, float):
        made = _Seconds(default, help=help)
    elif isinstance(default, int):
        made = _Count(default, min=min(default, 1), help=help)
    elif isinstance(default, tuple):
        made = _Names(_Text(), list(default), help=help)
    else:
        made = (_Address if entry.metadata["is_address"] else _Text)(default, help=help)
    return made.tag(config=True)


# The section of the configuration: a trait for each field of Settings.
Autograder: type[Configurable] = type(
    "Autograder", (Configurable,), {entry.name: _trait(entry) for entry in fields(Settings)}
)


def _parsed(arguments: Sequence[str]) -> list[tuple[str, Any]]:
    """Names and values of arguments; a list is given item by item, else the last one counts."""
    given: dict[str, list[str]] = {}
    for argument in arguments:
        name, equals, value = argument.removeprefix(ARGUMENT).partition("=")
        if not equals:
            raise UsageError(f"{argument}: a setting is given as {ARGUMENT}NAME=VALUE")
        given.setdefault(name, []).append(value)
    lists = {name for name, default, _ in Settings.table() if isinstance(default, tuple)}
    return [
        (name, DeferredConfigList(values) if name in lists else DeferredConfigString(values[-1]))
        for name, values in given.items()
    ]


def _apply(section: Configurable, given: Iterable[tuple[str, Any]], where: str) -> None:
    """Give settings their values, one by one. Raises UsageError, which begins with ``where``."""
    traits = section.traits(config=True)
    for name, value in given:
        if name not in traits:
            close = get_close_matches(name, traits, n=1)
            hint = (
                f"did you mean {close[0]}?" if close else f"known are {', '.join(sorted(traits))}"
            )
            raise UsageError(f"{where}{name} is not a setting; {hint}")
        try:
            section.update_config(Config({"Autograder": {name: value}}))
        except (TraitError, OverflowError) as error:
            raise UsageError(
                f"{where}{name} is {_plain(value)!r}, expected {traits[name].info()}"
            ) from error


def _plain(value: Any) -> Any:
    """A value from the command line as text."""
    if isinstance(value, DeferredConfigString):
        return str(value)
    return list(value) if isinstance(value, DeferredConfigList) else value
