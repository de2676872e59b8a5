"""The files of this machine that the sandbox shows, and a check that no private file is shown."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import autograder
from autograder.course.layout import Course
from autograder.errors import ExposedFiles

ENGINE = "/engine"  # where the sandbox shows the engine's harmless packages
ENVIRONMENT = "/env"  # and the Python environment, wherever it really lies (perhaps in /tmp)
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
_SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/etc/fonts")
_PARTS = (
    "__init__.py",
    "wall",
    "torch_watch",
    "jail",
    "shell",
    "student",
)  # of the package autograder


@dataclass(frozen=True)
class Shown:
    """A folder or file of this machine and where the sandbox shows it; a link if it is one."""

    source: Path
    target: str
    link: bool = False
    optional: bool = False

    @property
    def arguments(self) -> list[str]:
        """Bubblewrap's arguments."""
        if self.link:
            return ["--symlink", os.readlink(self.source), self.target]
        option = "--ro-bind-try" if self.optional else "--ro-bind"
        return [option, str(self.source), self.target]


def shown() -> list[Shown]:
    """The shown files of this machine, read-only: the system, Python, parts of the engine."""
    found = [
        Shown(path, folder, link=path.is_symlink())
        for folder in _SYSTEM
        if (path := Path(folder)).is_symlink() or path.is_dir()
    ]
    found += [Shown(Path(file), file, optional=True) for file in _SYSTEM_FILES]
    if sys.prefix != "/usr":
        found.append(Shown(Path(sys.prefix), ENVIRONMENT))
    if own_base_prefix():
        found.append(Shown(Path(sys.base_prefix), sys.base_prefix))  # pyvenv.cfg names this path
    package = Path(autograder.__file__).parent
    return found + [Shown(package / part, f"{ENGINE}/autograder/{part}") for part in _PARTS]


def hidden() -> list[str]:
    """Folders in shown folders that stay empty: there the whole engine is installed."""
    package = Path(autograder.__file__).parent.resolve()
    found = []
    for one in shown():
        real = one.source.resolve()
        if not one.link and package != real and package.is_relative_to(real):
            found.append(f"{one.target}/{package.relative_to(real)}")
    return found


def own_base_prefix() -> bool:
    """Whether the Python that the environment was made from needs a place of its own."""
    base = Path(sys.base_prefix)
    return sys.base_prefix != sys.prefix and not base.is_relative_to("/usr")


def refuse_exposed(course: Course) -> None:
    """Raise ExposedFiles if a submission could read something of the grader's.

    That is the course, its hidden tests, submissions, gradebook or secret, or the home folder, in a
    folder that the sandbox shows, by its own path, by a link or by a second mount.
    """
    mounts = _mounts()
    folders = [(one.source, place) for one in shown() for place in _all_places(one.source, mounts)]
    for what, path, contents in _private(course):
        own = _place(path, mounts)
        for source, place in folders:
            if own.is_in(place) or (contents and place.is_in(own)):
                raise ExposedFiles(
                    f"{what} ({path}) lies in {source}, which every submission can read: "
                    f"{_why(source)} {_advice(what)}"
                )


def _private(course: Course) -> list[tuple[str, Path, bool]]:
    """Private folders: name, path, and whether their contents are private too."""
    home = [("your home folder", path, False) for path in _home() if path.is_dir()]
    parts = {
        "the course's secret": course.state / "secret",
        "the folder of the course's secret": course.state,
        "the gradebook": course.gradebook,
        "the folder of hidden tests": course.source,
        "the folder of solutions": course.solutions,
        "the folder of submissions": course.submitted,
        "the folder of autograded notebooks": course.autograded,
        "the folder of feedback": course.feedback,
    }
    below = [
        (f"the hidden tests' {path.relative_to(course.source)}", path, True)
        for path in course.source.rglob("*")
        if path.is_symlink()
    ]
    inside = [(what, path, True) for what, path in parts.items()]
    return [("the course folder", course.root, False), *inside, *below, *home]


def _home() -> list[Path]:
    try:
        return [Path.home()]
    except RuntimeError:  # no HOME and no account
        return []


def _why(source: Path) -> str:
    if source == Path(sys.prefix):
        return "it is the Python environment that grades."
    if source == Path(sys.base_prefix):
        return "it is the Python that the environment was made from."
    return "it is part of the system."


def _advice(what: str) -> str:
    if what == "your home folder":
        return (
            "Make an environment that does not hold it (python3 -m venv FOLDER, with an empty "
            "FOLDER), or set HOME to another folder."
        )
    return (
        "Move the course to a folder of its own, for example in your home folder, or make an "
        "environment that does not hold it (python3 -m venv .venv in the course, not "
        "python3 -m venv .), and grade again."
    )


@dataclass(frozen=True)
class _Place:
    """A path within a file system, independent of its mount points."""

    device: str
    path: PurePosixPath

    def is_in(self, other: _Place) -> bool:
        return self.device == other.device and self.path.is_relative_to(other.path)


@dataclass(frozen=True)
class _Mount:
    point: Path
    place: _Place


def _mounts() -> list[_Mount]:
    """All mounts in order; of two at one point the later hides the earlier."""
    found = []
    for line in Path("/proc/self/mountinfo").read_text(errors="surrogateescape").splitlines():
        _, _, device, root, point, *_ = line.split(" ")
        place = _Place(device, PurePosixPath(_unescaped(root)))
        found.append(_Mount(Path(_unescaped(point)), place))
    return found


def _all_places(folder: Path, mounts: list[_Mount]) -> list[_Place]:
    """A shown folder and the mounts in it, which the sandbox shows too."""
    real = folder.resolve()
    inside = [mount.place for mount in mounts if mount.point.is_relative_to(real)]
    return [_place(folder, mounts), *inside]


def _place(path: Path, mounts: list[_Mount]) -> _Place:
    real = path.resolve()
    around = [mount for mount in mounts if real.is_relative_to(mount.point)]
    if not around:
        return _Place("", PurePosixPath(real))
    longest = max(len(mount.point.parts) for mount in around)
    last = [mount for mount in around if len(mount.point.parts) == longest][-1]
    return _Place(last.place.device, last.place.path / real.relative_to(last.point))


def _unescaped(text: str) -> str:
    """A path as mountinfo writes it, without its escapes of blanks, line breaks and backslashes."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)
