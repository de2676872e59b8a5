"""The cells of a small source notebook, in the percent format."""

from __future__ import annotations

import json
from typing import Any

HEAD = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---
"""


def notebook(*cells: str) -> str:
    """The text of a source notebook with these cells."""
    return "\n".join([HEAD, *cells])


def text(source: str) -> str:
    """A cell of prose."""
    return _cell("[markdown]", _commented(source))


def tagged(tag: str, source: str) -> str:
    """A cell of code with a tag."""
    return _cell(f"tags={json.dumps([tag])}", source)


def setup(source: str) -> str:
    """The setup cell."""
    facts = _facts(grade_id="setup", locked=True)
    return _cell(f'tags=["setup"] {facts}', source)


def answer(exercise: str, source: str) -> str:
    """A cell in which an exercise is answered; its grade_id is the exercise."""
    facts = _facts(grade_id=exercise, solution=True)
    return _cell(f"exercise={json.dumps(exercise)} {facts}", source)


def graded(exercise: str, points: float, source: str) -> str:
    """The test cell of an exercise; its grade_id is ``test_`` and the exercise."""
    facts = _facts(grade=True, grade_id=f"test_{exercise}", locked=True, points=points)
    return _cell(f"exercise={json.dumps(exercise)} {facts}", source)


def attempt(exercise: str, source: str) -> str:
    """The visible test of an exercise, worth no points; its grade_id is ``try_`` and the name."""
    facts = _facts(grade=True, grade_id=f"try_{exercise}", locked=True, points=0)
    return _cell(f"exercise={json.dumps(exercise)} {facts}", source)


def question(grade_id: str, source: str, kind: str = "markdown") -> str:
    """An open question worth one point, answered in a cell of text or of code."""
    facts = _facts(grade=True, grade_id=grade_id, points=1, solution=True)
    if kind == "code":
        return _cell(facts, source)
    return _cell(f"[markdown] {facts}", _commented(source))


def _cell(head: str, source: str) -> str:
    return f"# %% {head}\n{source.rstrip()}\n"


def _commented(source: str) -> str:
    return "\n".join(f"# {line}".rstrip() for line in source.splitlines())


def _facts(**given: Any) -> str:
    """nbgrader's metadata of a cell."""
    facts = {"grade": False, "locked": False, "schema_version": 3, "solution": False, "task": False}
    return f"nbgrader={json.dumps(dict(sorted({**facts, **given}.items())))}"
