"""A course's own policy for late work: its class is loaded, and its answers are checked."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from numbers import Integral, Real
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.errors import UsageError
from autograder.lateness.policy import Charge, HandIn, LatePolicy


class OwnPolicy(LatePolicy):
    """A policy of a course, named ``MODULE:CLASS``; wrong answers are errors that name it.

    The module lies in the course's folder, or is installed. Raises UsageError if the class cannot
    be loaded, fails, or returns charges that make no sense.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self._name = name
        try:
            made = _load(name, folder)()
            allowance = getattr(made, "allowance", 0)
        except Exception as error:  # any exception of the course's code
            raise self._wrong(f"cannot be used: {_told(error)}") from error
        if not isinstance(made, LatePolicy):
            raise self._wrong("is no subclass of autograder.lateness.policy.LatePolicy")
        if not _is_count(allowance):
            raise self._wrong(f"has the allowance {allowance!r}: expected a whole number from 0")
        self._policy = made
        self.allowance = int(allowance)

    def charges(self, hand_ins: Sequence[HandIn]) -> Mapping[tuple[str, str], Charge]:
        """The charges of the course's class. Raises UsageError if they make no sense."""
        student = hand_ins[0].student if hand_ins else "nobody"
        try:
            found = dict(self._policy.charges(hand_ins))
        except Exception as error:  # any exception of the course's code
            raise self._wrong(f"failed for {student}: {_told(error)}") from error
        known = {(one.assignment, one.notebook) for one in hand_ins}
        for place, charge in found.items():
            if place not in known:
                raise self._wrong(f"charges {place!r}, which {student} has not handed in")
            if problem := _problem(charge):
                raise self._wrong(f"returned {problem} for {student}, {place[0]}/{place[1]}")
        return {
            place: Charge(int(one.days_late), int(one.free_days), float(one.fraction))
            for place, one in found.items()
        }

    def _wrong(self, problem: str) -> UsageError:
        return UsageError(f"c.Autograder.late_policy: {self._name} {problem}")


def _problem(charge: object) -> str:
    """The part of a charge that makes no sense; empty if all make sense."""
    if not isinstance(charge, Charge):
        return f"{charge!r}, which is no Charge,"
    fraction: Any = charge.fraction
    if isinstance(fraction, bool) or not isinstance(fraction, Real):
        return f"the fraction {fraction!r}, which is no number,"
    if not 0 <= float(fraction) <= 1:  # also true for NaN
        return f"the fraction {fraction}, which is not from 0 to 1,"
    if not _is_count(charge.days_late):
        return f"days_late={charge.days_late!r}, which is no whole number from 0,"
    if not _is_count(charge.free_days) or charge.free_days > charge.days_late:
        return f"free_days={charge.free_days!r} of {charge.days_late} days late"
    return ""


def _is_count(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, Integral) and int(value) >= 0


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _load(name: str, folder: Path) -> Any:
    """The class ``MODULE:CLASS``, from a file of the course if there is one."""
    module_name, _, class_name = name.partition(":")
    base = folder.joinpath(*module_name.split("."))
    files = (base.with_name(f"{base.name}.py"), base / "__init__.py")
    file = next((file for file in files if file.is_file()), None)
    with importable(folder):
        module = importlib.import_module(module_name) if file is None else _from_file(file)
    return getattr(module, class_name)


def _from_file(file: Path) -> ModuleType:
    """The module in a file of the course, executed again if the file has changed.

    Two courses may use the same name, so the name in ``sys.modules`` is made from path and text.
    """
    text = file.read_bytes()
    name = f"autograder_course_{sha256(bytes(file) + text).hexdigest()}"
    if name in sys.modules:
        return sys.modules[name]
    module = ModuleType(name)
    module.__file__ = str(file)
    sys.modules[name] = module  # dataclasses look their module up
    try:
        exec(compile(text, str(file), "exec"), module.__dict__)
    except BaseException:
        del sys.modules[name]
        raise
    return module


@contextmanager
def importable(folder: Path) -> Iterator[None]:
    """Modules beside the policy can be imported in the block."""
    before = list(sys.path)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path[:] = before
