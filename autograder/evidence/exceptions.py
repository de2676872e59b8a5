"""Exceptions: the line that ended the call, the cases in which it does, and its meaning."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from dataclasses import dataclass, field

from autograder.evidence.cells import Cell, Material, is_plain
from autograder.evidence.conditions import conditions, necessary_conditions
from autograder.evidence.exception_kinds import kind_of
from autograder.evidence.findings import Finding
from autograder.evidence.own_line import OwnLine, deepest_own_line, inert
from autograder.results import Evidence
from autograder.trials.call import Raised, Trial
from autograder.trials.cases import Style

MAX_FINDINGS = 2
MAX_CONDITIONS = 2  # that the cases do not tell apart
MAX_TEXT = 90  # characters of the text of an exception that is not recognised


@dataclass(frozen=True)
class _Place:
    """A kind of exception at a line of the student's code."""

    kind: str
    line: OwnLine


@dataclass
class _Seen:
    """The trials that ended in the same kind of exception at the same line."""

    raised: Raised
    trials: list[tuple[str, Trial]] = field(default_factory=list)
    numbers: set[int] = field(default_factory=set)  # of cells


def exceptions(material: Material, cells: Sequence[Cell]) -> list[Finding]:
    """Findings for the cells whose call raised, the one for most cells first.

    Calls that raise only in another style, such as for float64 inputs, get a finding too, without
    cells. Texts of exceptions and lines of code come from the student: they are quoted inert, and
    an exception that the student's own line raises is told as that.
    """
    plain: dict[_Place, _Seen] = {}
    for cell in cells:
        if cell.raised is not None:
            seen = plain.setdefault(_place(cell.raised), _Seen(cell.raised))
            seen.trials.append((cell.group, cell.trial))
            seen.numbers.add(cell.number)
    if plain:
        ordered = sorted(plain.items(), key=lambda item: -len(item[1].numbers))
        return [_finding(material, *item) for item in ordered[:MAX_FINDINGS]]
    if any(cell.raised is not None for cell in material.cells):
        return []
    return _styled(material)


def _styled(material: Material) -> list[Finding]:
    """A finding for calls that raise only in a style that is not plain."""
    styled: dict[_Place, _Seen] = {}
    for group, trial in material.trials:
        if trial.got.raised is not None and not is_plain(trial.style):
            seen = styled.setdefault(_place(trial.got.raised), _Seen(trial.got.raised))
            seen.trials.append((group, trial))
    return [_finding(material, *item) for item in list(styled.items())[:1]]


def _place(raised: Raised) -> _Place:
    return _Place(raised.kind, deepest_own_line(raised.traceback_lines))


def _finding(material: Material, place: _Place, seen: _Seen) -> Finding:
    raised = seen.raised
    found = kind_of(place.kind, raised.text, place.line, raised.missing_name)
    name, (said, look) = found if found is not None else ("other", ("", ""))
    if not said:
        text = inert(raised.text, MAX_TEXT)
        said = f"its text is “{text}”" if text else "it has no text"
        look = "Print the values that this line uses before it runs." if place.line.code else ""
    where, groups = _where(material, seen)
    at = f" in the line “{place.line.quoted}”" if place.line.code else ""
    sentence = f"{_type(place.kind)}{at}: {said}. {where} {look}"
    return Finding(
        f"{material.exercise}.exception_{name}",
        Evidence.EXCEPTION,
        " ".join(sentence.split()),
        frozenset(seen.numbers),
        groups=groups,
    )


def _type(kind: str) -> str:
    """The type of a built-in exception; for another class "An exception"."""
    found = getattr(builtins, kind, None) if kind.isidentifier() else None
    is_known = isinstance(found, type) and issubclass(found, BaseException)
    return kind if is_known else "An exception"


def _where(material: Material, seen: _Seen) -> tuple[str, tuple[str, ...]]:
    """A sentence on the cases in which the exception comes, or else the names of their groups."""
    groups = tuple(dict.fromkeys(group for group, _ in seen.trials if group))
    style = seen.trials[0][1].style
    if not seen.numbers:
        return f"It comes only {_style_words(style)}.", ()
    own = {id(trial) for _, trial in seen.trials}
    others = {id(cell.trial): cell.trial for cell in material.cells if id(cell.trial) not in own}
    if not others:
        return "It comes in every case.", ()
    if said := _condition(list(others.values()), [trial for _, trial in seen.trials]):
        return said, ()
    all_groups = {cell.group for cell in material.cells if cell.group}
    return "", groups if set(groups) != all_groups else ()


def _condition(others: Sequence[Trial], own: Sequence[Trial]) -> str:
    """A sentence with a condition on the sizes, or an empty text.

    Cases that end in another exception could hide this one.
    """
    quiet = [trial.sizes for trial in others if trial.got.raised is None]
    if len(quiet) < len(others):
        return ""
    sizes = [trial.sizes for trial in own]
    exact = conditions(quiet, sizes)
    if 0 < len(exact) <= MAX_CONDITIONS:
        same = "".join(f" (in these cases also: {one.words})" for one in exact[1:])
        return f"It comes if {exact[0].words}{same}, and only then."
    needed = necessary_conditions(quiet, sizes)
    if len(needed) == 1:
        return f"It comes only if {needed[0].words}, in most of these cases."
    return ""


def _style_words(style: Style) -> str:
    """The difference of a style from plain cases."""
    if style.words:
        return style.words.strip(" ()")
    return f"for inputs of dtype {str(style.dtype).removeprefix('torch.')}"
