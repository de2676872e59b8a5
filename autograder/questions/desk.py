"""The content of the pages: questions with counts, answers with forms, and saved grades."""

from __future__ import annotations

import json
import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from autograder.course.layout import Course
from autograder.questions.answers import Answer, Place, answer_cells, answers_to
from autograder.questions.look import Card, Row, Sheet
from autograder.questions.question import Question, questions_of
from autograder.records.manual_grades import ManualGrade, save_manual_grade
from autograder.rendering.process import PageFailed, PageProcess, PageRequest

PAGE_SIZE = 40  # answers on one page
MAX_COMMENT = 20_000  # characters
SHOWN = ("all", "waiting", "graded", "empty")
_CELL_S = 5.0  # processor seconds to render one answer
_KEPT = 2_000  # rendered answers that are kept


@dataclass(frozen=True)
class Saved:
    """A saved grade. ``notice`` tells that somebody else had changed it in between."""

    points: str
    comment: str
    version: str
    waits: bool
    notice: str = ""


class Refused(Exception):
    """A form that cannot be saved; the text gives the reason."""


@dataclass
class Desk:
    """The open questions of an assignment. ``names`` shows who wrote an answer."""

    course: Course
    assignment: str
    process: PageProcess
    secret: bytes
    names: dict[str, str] | None = None
    _rendered: OrderedDict[str, str] = field(default_factory=OrderedDict)

    def rows(self) -> list[Row]:
        """The questions in the order of the notebooks."""
        found = []
        for one in questions_of(self.course, self.assignment):
            answers = self._answers(one)
            waiting = len(_chosen(answers, "waiting"))
            empty = len(_chosen(answers, "empty"))
            href = _path(one)
            found.append(
                Row(one.title, one.notebook, href, len(answers) - empty, waiting, one.max_points)
            )
        return found

    def question(self, notebook: str, cell: str) -> Question | None:
        """The question of this notebook and cell, if there is one."""
        known = questions_of(self.course, self.assignment)
        return next(
            (one for one in known if (one.notebook, one.grade_id) == (notebook, cell)), None
        )

    def sheet(
        self, question: Question, show: str, page: int, saved: dict[str, Saved | Refused]
    ) -> Sheet:
        """One page of answers; ``saved`` are results of a form, by the key of the answer."""
        answers = self._answers(question)
        chosen = [one for one in answers if _is_of(one.grade, show) or one.key in saved]
        pages = max(1, math.ceil(len(chosen) / PAGE_SIZE))
        page = min(max(1, page), pages)
        some = chosen[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
        return Sheet(
            question.title, question.notebook, _path(question), question.max_points,
            tuple(map(self._html, question.asked)), self._html(question.sample),
            self._html(question.rubric) if question.rubric else "",
            self._cards(question, some, saved), show,
            {kind: len(_chosen(answers, kind)) for kind in SHOWN}, page, pages,
        )  # fmt: skip

    def save(self, question: Question, key: str, form: dict[str, str]) -> Saved:
        """Save points and comment of one answer. Raises Refused if they cannot be taken."""
        answer = next((one for one in self._answers(question) if one.key == key), None)
        if answer is None:
            raise Refused("This answer is no longer in the gradebook.")
        points = _points(form.get("points", ""), question.max_points)
        comment = "\n".join(form.get("comment", "").splitlines()).strip()
        comment = comment.encode(errors="replace").decode()
        if len(comment) > MAX_COMMENT:
            raise Refused(f"A comment holds at most {MAX_COMMENT:,} characters.")
        where = self._where(question)
        before = save_manual_grade(self.course, where, answer.grade.student, points, comment)
        notice = ""
        if before.version not in (form.get("version"), json.dumps([points, comment])):
            said = f", with the comment “{before.comment[:200]}”" if before.comment else ""
            given = "no points" if before.points is None else f"{before.points:g} points"
            notice = f"Saved over another entry that was made since: {given}{said}."
        now = next(one for one in self._answers(question) if one.key == key).grade
        return Saved(_shown(now.points), now.comment, now.version, now.waits, notice)

    def _cards(
        self, question: Question, some: Sequence[Answer], saved: dict[str, Saved | Refused]
    ) -> tuple[Card, ...]:
        where = self._where(question)
        cells = answer_cells(self.course, where, [one.grade.student for one in some])
        cards = []
        for one in some:
            grade, done = one.grade, saved.get(one.key)
            name = f"Answer {one.number}"
            if self.names is not None:
                name = self.names.get(grade.student) or grade.student
            cards.append(
                Card(
                    one.number, one.key, name, self._html(cells[grade.student]),
                    _shown(grade.points), grade.comment, grade.version, grade.waits,
                    grade.extra_points,
                    notice=done.notice or "Saved." if isinstance(done, Saved) else "",
                    problem=str(done) if isinstance(done, Refused) else "",
                )
            )  # fmt: skip
        return tuple(cards)

    def _answers(self, question: Question) -> list[Answer]:
        return answers_to(self.course, self._where(question), self.secret)

    def _where(self, question: Question) -> Place:
        return self.assignment, question.notebook, question.grade_id

    def _html(self, cell: dict[str, Any]) -> str:
        """A cell as HTML, rendered in a process with limits."""
        known = json.dumps(cell, sort_keys=True)
        if known not in self._rendered:
            request = PageRequest(
                "", "", self.assignment, "", str(self.course.root), "", _CELL_S, cell=cell
            )
            try:
                self._rendered[known] = self.process.render(request).html
            except PageFailed:
                return "<p>This answer cannot be shown here. Open the notebook in formgrader.</p>"
            while len(self._rendered) > _KEPT:
                self._rendered.popitem(last=False)
        return self._rendered[known]


def _chosen(answers: Sequence[Answer], show: str) -> list[Answer]:
    """The answers of a kind, one of ``SHOWN``."""
    return [one for one in answers if _is_of(one.grade, show)]


def _is_of(grade: ManualGrade, show: str) -> bool:
    if show == "empty":
        return grade.is_empty
    if show == "waiting":
        return grade.waits
    if show == "graded":
        return grade.points is not None and not grade.waits
    return not grade.is_empty


def _points(text: str, most: float) -> float | None:
    """Points in a form; None if the field is empty. Raises Refused for any other text."""
    plain = text.strip().replace(",", ".")
    if not plain:
        return None
    try:
        points = float(plain)
    except ValueError:
        raise Refused(f"“{text.strip()[:20]}” is not a number of points.") from None
    if not (math.isfinite(points) and 0 <= points <= most):
        raise Refused(f"Points are between 0 and {most:g}. Give extra credit in formgrader.")
    return points


def _shown(points: float | None) -> str:
    return "" if points is None else f"{points:g}"


def _path(question: Question) -> str:
    return f"/question/{quote(question.notebook, safe='')}/{quote(question.grade_id, safe='')}"
