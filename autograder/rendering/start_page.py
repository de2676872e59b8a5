"""The start page of one student and assignment: points, times, and what to mend first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.records.recorded_grades import RecordedNotebook
from autograder.rendering.links import href_of
from autograder.rendering.style import page_css, templates
from autograder.rendering.verdicts import WORDS, PageVerdicts, number

MOST_FIRST = 5  # exercises to mend that stand open on the page; the others are folded


@dataclass(frozen=True)
class ShownNotebook:
    """A notebook's grades, and the verdicts that its page shows, if it has one."""

    recorded: RecordedNotebook
    verdicts: PageVerdicts
    has_page: bool = True

    @property
    def href(self) -> str:
        return href_of(self.recorded.name) if self.has_page else ""

    def place(self, anchor: str) -> str:
        """The address of a place in the page."""
        return f"{self.href}#{anchor}" if self.has_page else ""


@dataclass(frozen=True)
class _Row:
    """A notebook in the list of notebooks."""

    name: str
    href: str
    state: str
    mark: str
    words: str
    reached: str
    time: str


@dataclass(frozen=True)
class _Place:
    """An exercise or a whole notebook that the page points to."""

    title: str
    notebook: str
    href: str
    words: str
    gain: str
    lost: float
    sentence: str = ""


@dataclass(frozen=True)
class _Note:
    """A note of the instructor, and the exercise or notebook that it is about."""

    text: str
    place: str
    href: str


@dataclass(frozen=True)
class _Page:
    """The values of the template."""

    student: str
    assignment: str
    score: float
    max_score: float
    waiting: bool
    time: str
    days: str
    remarks: tuple[str, ...]
    notebooks: tuple[_Row, ...]
    first: tuple[_Place, ...]
    rest: tuple[_Place, ...]
    open: tuple[_Place, ...]
    notes: tuple[_Note, ...] = ()


def start_page(student: str, assignment: str, notebooks: Sequence[ShownNotebook]) -> str:
    """The page as HTML. Every text in it is escaped."""
    to_mend = sorted(
        (place for one in notebooks for place in _to_mend(one)),
        key=lambda place: -place.lost,  # of equals the earlier one
    )
    rows = tuple(_row(one) for one in notebooks)
    times = {row.time for row in rows}
    page = _Page(
        student=next((one.recorded.who for one in notebooks if one.recorded.who), student),
        assignment=assignment,
        score=sum(one.recorded.score for one in notebooks),
        max_score=sum(one.recorded.max_score for one in notebooks),
        waiting=any(one.recorded.waiting for one in notebooks),
        remarks=_remarks(notebooks),
        days=notebooks[0].recorded.lateness.allowed if notebooks else "",
        time=rows[0].time if len(times) == 1 else "",  # one for all is said once
        notebooks=rows,
        first=tuple(to_mend[:MOST_FIRST]),
        rest=tuple(to_mend[MOST_FIRST:]),
        open=tuple(place for one in notebooks for place in _waiting(one)),
        notes=_notes(notebooks),
    )
    return templates().get_template("start.html").render(page=page, page_css=page_css())


def _notes(notebooks: Sequence[ShownNotebook]) -> tuple[_Note, ...]:
    """The instructor's notes in their order; a note on the whole assignment is told once."""
    found: dict[int, _Note] = {}
    for one in notebooks:
        anchors = {
            exercise.title: exercise.grade_id for exercise in reversed(one.verdicts.exercises)
        }
        for note in one.recorded.notes:
            anchor = anchors.get(note.exercise, "")
            href = one.place(anchor) if anchor else one.href
            found[note.number] = _Note(note.text, note.exercise or note.notebook, href)
    return tuple(found[number] for number in sorted(found))


def _remarks(notebooks: Sequence[ShownNotebook]) -> tuple[str, ...]:
    """The remarks on late and unclear times; one for all notebooks with the same remark."""
    by_remark: dict[str, list[str]] = {}
    for one in notebooks:
        if (remark := one.recorded.lateness.remark) and one.verdicts.outcome != "missing":
            by_remark.setdefault(remark, []).append(one.recorded.name)
    handed_in = [one for one in notebooks if one.verdicts.outcome != "missing"]
    return tuple(
        remark if len(names) == len(handed_in) else f"{', '.join(names)}: {remark}"
        for remark, names in by_remark.items()
    )


def _row(one: ShownNotebook) -> _Row:
    recorded, lateness = one.recorded, one.recorded.lateness
    lost = any(exercise.lost for exercise in one.verdicts.exercises)
    if not one.verdicts.has_file:
        state, mark, words = one.verdicts.outcome, "✗", WORDS[one.verdicts.outcome]
    elif open_or_lost := _counts(one.verdicts):
        state, mark = ("partial", "◑") if lost else ("waiting", "…")
        words = open_or_lost
    else:
        state, mark, words = "passed", "✓", WORDS["passed"]
    parts = (f"handed in {lateness.when}", lateness.short, lateness.effect)
    if one.verdicts.outcome == "missing":
        parts = ("", "", lateness.effect)
    return _Row(
        recorded.name,
        one.href,
        state,
        mark,
        words,
        f"{number(recorded.score)} / {number(recorded.max_score)}",
        ", ".join(part for part in parts if part),
    )


def _counts(verdicts: PageVerdicts) -> str:
    """How many exercises are to mend, and how many are not graded yet; else empty."""
    to_mend = sum(one.mistake > 0 for one in verdicts.exercises)
    not_graded = sum(one.is_open for one in verdicts.exercises)
    parts = (f"{to_mend} to mend" if to_mend else "", f"{not_graded} not graded yet")
    return ", ".join(part for part in (parts if not_graded else parts[:1]) if part)


def _to_mend(one: ShownNotebook) -> list[_Place]:
    """The exercises that lost points; a notebook without a readable file is one place."""
    name = one.recorded.name
    lost = sum(exercise.lost for exercise in one.verdicts.exercises)
    if not one.verdicts.has_file and lost:
        words = WORDS[one.verdicts.outcome]
        return [_Place(name, "", one.href, words, _gain(lost), lost)]
    return [
        _Place(
            exercise.title, name, one.place(f"mistake:{exercise.mistake}"), exercise.words,
            _gain(exercise.lost), exercise.lost, exercise.sentence,
        )
        for exercise in one.verdicts.exercises
        if exercise.mistake
    ]  # fmt: skip


def _waiting(one: ShownNotebook) -> list[_Place]:
    name = one.recorded.name
    return [
        _Place(
            exercise.title, name, one.place(exercise.grade_id), exercise.words,
            _points(exercise.max_points), 0.0,
        )
        for exercise in one.verdicts.exercises
        if exercise.state == "waiting"
    ]  # fmt: skip


def _gain(points: float) -> str:
    return f"+ {_points(points)}"


def _points(points: float) -> str:
    text = number(points)
    return f"{text} point{'s' * (text != '1')}"
