"""Settings of a course: one table of names, defaults and explanations.

They are read from the section ``c.Autograder`` of the course's ``nbgrader_config.py``, so a course
keeps one configuration file. Arguments ``--Autograder.NAME=VALUE`` of a command replace them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import Field, dataclass, field, fields
from difflib import get_close_matches
from functools import partial
from typing import Any

from traitlets import TraitError, TraitType
from traitlets.config import Config, Configurable
from traitlets.config.loader import DeferredConfigList, DeferredConfigString

from autograder.config.nbgrader_config import ConfigFile
from autograder.config.traits import (
    Address,
    Count,
    Names,
    PolicyName,
    Seconds,
    Share,
    Text,
    TimeZone,
)
from autograder.errors import UsageError

ARGUMENT = "--Autograder."  # how an argument starts that replaces a setting

_MakeTrait = Callable[..., TraitType[Any, Any]]


def _setting(default: Any, help: str, grading: bool = True, trait: _MakeTrait | None = None) -> Any:
    """A setting; ``grading`` is true if a verdict may depend on it.

    ``trait`` makes the trait that checks its values; by default the type of ``default`` decides.
    """
    return field(default=default, metadata={"help": help, "grading": grading, "trait": trait})


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
        trait=Address,
    )
    time_zone: str = _setting(
        "UTC",
        "IANA name of the time zone of due dates, such as Europe/Berlin",
        grading=False,
        trait=TimeZone,
    )
    late_policy: str = _setting(
        "",
        "policy for late work: empty for none, late_days, or MODULE:CLASS of a class of the course",
        grading=False,
        trait=PolicyName,
    )
    late_days: int = _setting(
        3,
        "late_days: days that a student may be late over the term without a penalty",
        grading=False,
        trait=partial(Count, min=0),
    )
    late_day_fraction: float = _setting(
        0.25,
        "late_days: the part of the earned points that each further started day takes off",
        grading=False,
        trait=Share,
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
        return cls._of(section)

    @classmethod
    def from_values(cls, given: Mapping[str, Any]) -> Settings:
        """The settings with these values of a loaded configuration, such as ``c.Autograder``.

        Raises UsageError for an unknown name and for a wrong value.
        """
        section = Autograder()
        _apply(section, given.items(), "c.Autograder.")
        return cls._of(section)

    @classmethod
    def _of(cls, section: Configurable) -> Settings:
        values = {name: getattr(section, name) for name, _, _ in cls.table()}
        return cls(**values | {"warm_modules": tuple(values["warm_modules"])})


def _trait(entry: Field[Any]) -> TraitType[Any, Any]:
    """The trait that checks a setting's values."""
    default: Any = entry.default
    make: _MakeTrait | None = entry.metadata["trait"]
    if make is None and isinstance(default, float):
        make = Seconds
    elif make is None and isinstance(default, int):
        make = partial(Count, min=min(default, 1))
    elif make is None and isinstance(default, tuple):
        make, default = partial(Names, Text()), list(default)
    made = (make or Text)(default, help=entry.metadata["help"])
    return made.tag(config=True)


# The section of the configuration: a trait for each field of Settings.
Autograder: type[Configurable] = type(
    "Autograder", (Configurable,), {entry.name: _trait(entry) for entry in fields(Settings)}
)


def names_of(arguments: Sequence[str]) -> list[str]:
    """The names of the settings that arguments replace."""
    return [name for name, _ in _parsed(arguments)]


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
