"""Exceptions: the line that ended the call, the cases in which it does, and its meaning."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from dataclasses import dataclass, field

from autograder.evidence.cells import Cell, Material, is_plain
from autograder.evidence.conditions import conditions, necessary_conditions
from autograder.evidence.exceptions.kinds import Meaning, meaning_of
from autograder.evidence.exceptions.own_line import OwnLine, deepest_own_line, inert
from autograder.evidence.findings import Finding
from autograder.results import Evidence
from autograder.trials.call import Raised, Trial
from autograder.trials.cases import Style
from autograder.trials.redaction import without_foreign_numbers

MAX_FINDINGS = 2
MAX_CONDITIONS = 2  # that the cases do not tell apart
_TRIED = "Among the tried cases it comes"
MAX_TEXT = 90  # characters of the text of an exception that is not recognised


@dataclass(frozen=True)
class _Place:
    """A type of exception at a line of the student's code, and its meaning."""

    kind: str
    line: OwnLine
    meaning: Meaning

    @staticmethod
    def of(raised: Raised) -> _Place:
        """The place of an exception. An unknown one is told by its text."""
        line = deepest_own_line(raised.traceback_lines)
        meaning = meaning_of(raised.kind, raised.text, line, raised.missing_name)
        if meaning is None:
            text = inert(raised.text, MAX_TEXT)
            said = f"its text is “{text}”" if text else "it has no text"
            look = "Print the values that this line uses before it runs." if line.code else ""
            meaning = Meaning("other", (said, look), (said, look))
        return _Place(raised.kind, line, meaning)


@dataclass
class _Seen:
    """Exceptions with the same meaning: the cases in which they come, by place."""

    places: dict[_Place, list[tuple[str, Trial]]] = field(default_factory=dict)
    numbers: set[int] = field(default_factory=set)  # of cells

    @property
    def trials(self) -> list[tuple[str, Trial]]:
        """The cases with their groups."""
        return [one for trials in self.places.values() for one in trials]

    @property
    def place(self) -> _Place:
        """The place of most cases."""
        return max(self.places, key=lambda place: len(self.places[place]))


def exceptions(material: Material, cells: Sequence[Cell]) -> list[Finding]:
    """Findings for the cells whose call raised, the one for most cells first.

    Calls that raise only in another style, such as for float64 inputs, get a finding too, without
    cells. Texts of exceptions and lines of code come from the student: they are quoted inert, and
    an exception that the student's own line raises is told as that.
    """
    plain: dict[str, _Seen] = {}
    for cell in cells:
        if cell.raised is not None:
            _add(plain, cell.raised, cell.group, cell.trial).numbers.add(cell.number)
    if plain:
        ordered = sorted(plain.values(), key=lambda seen: -len(seen.numbers))
        return [_finding(material, seen) for seen in ordered[:MAX_FINDINGS]]
    if any(cell.raised is not None for cell in material.cells):
        return []
    return _styled(material)


def _styled(material: Material) -> list[Finding]:
    """A finding for calls that raise only in a style that is not plain."""
    styled: dict[str, _Seen] = {}
    for group, trial in material.trials:
        if trial.got.raised is not None and not is_plain(trial.style):
            _add(styled, trial.got.raised, group, trial)
    return [_finding(material, seen) for seen in list(styled.values())[:1]]


def _add(found: dict[str, _Seen], raised: Raised, group: str, trial: Trial) -> _Seen:
    place = _Place.of(raised)
    seen = found.setdefault(place.meaning.name, _Seen())
    seen.places.setdefault(place, []).append((group, trial))
    return seen


def _finding(material: Material, seen: _Seen) -> Finding:
    place = seen.place
    here = [one.meaning.told for one in seen.places if one.line == place.line]
    said, look = place.meaning.told if len(set(here)) == 1 else place.meaning.general
    where, groups, condition = _where(material, seen)
    if condition.endswith(" = 0") and place.line.cuts_to_minus:
        look = "A slice that ends at -0 is empty, because -0 is 0."
    at = f" in the line “{place.line.quoted}”" if place.line.code else ""
    if at and any(one.line != place.line for one in seen.places):
        at += " and in others"
    sentence = f"{_type(place.kind)}{at}: {said}. {where} {look}"
    return Finding(
        f"{material.exercise}.exception_{place.meaning.name}",
        Evidence.EXCEPTION,
        without_foreign_numbers(" ".join(sentence.split()), ""),
        frozenset(seen.numbers),
        groups=groups,
    )


def _type(kind: str) -> str:
    """The type of a built-in exception; for another class "An exception"."""
    found = getattr(builtins, kind, None) if kind.isidentifier() else None
    is_known = isinstance(found, type) and issubclass(found, BaseException)
    return kind if is_known else "An exception"


def _where(material: Material, seen: _Seen) -> tuple[str, tuple[str, ...], str]:
    """A sentence on the cases in which the exception comes, or else the names of their groups.

    The third part is the condition of the sentence, if there is one.
    """
    groups = tuple(dict.fromkeys(group for group, _ in seen.trials if group))
    style = seen.trials[0][1].style
    if not seen.numbers:
        return f"It comes only {_style_words(style)}.", (), ""
    own = {id(trial) for _, trial in seen.trials}
    others = {id(cell.trial): cell.trial for cell in material.cells if id(cell.trial) not in own}
    if not others:
        return "It comes in every case.", (), ""
    said, condition = _condition(list(others.values()), [trial for _, trial in seen.trials])
    if said:
        return said, (), condition
    all_groups = {cell.group for cell in material.cells if cell.group}
    return "", groups if set(groups) != all_groups else (), ""


def _condition(others: Sequence[Trial], own: Sequence[Trial]) -> tuple[str, str]:
    """A sentence with a condition on the sizes, and the condition; empty if there is none.

    Cases that end in another exception could hide this one.
    """
    quiet = [trial.sizes for trial in others if trial.got.raised is None]
    if len(quiet) < len(others):
        return "", ""
    sizes = [trial.sizes for trial in own]
    exact = conditions(quiet, sizes)
    if 0 < len(exact) <= MAX_CONDITIONS:
        same = "".join(f" (in these cases also: {one.words})" for one in exact[1:])
        return f"{_TRIED} if and only if {exact[0].words}{same}.", exact[0].words
    needed = necessary_conditions(quiet, sizes)
    if len(needed) == 1:
        return f"{_TRIED} only if {needed[0].words}, though not always.", needed[0].words
    return "", ""


def _style_words(style: Style) -> str:
    """The difference of a style from plain cases."""
    if style.words:
        return style.words.strip(" ()")
    return f"for inputs of dtype {str(style.dtype).removeprefix('torch.')}"
