"""Notebooks of small courses as students hand them in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_assignment, read_source

Answers = Mapping[str, str]

CODE = {"cell_type": "code", "source": "x = 1", "metadata": {}, "outputs": [], "execution_count": 1}


def as_handed_in(bundle: NotebookBundle, answers: Answers | None = None) -> NotebookNode:
    """The notebook with the reference's answers, some replaced (grade_id -> text of the cell)."""
    texts = {cell.grade_id: cell.solution for cell in bundle.answers}
    texts.update({cell.grade_id: "I think so." for cell in bundle.manual})
    texts.update(answers or {})
    notebook = read_source(bundle.path)
    for index, cell in enumerate(notebook.cells):
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        cell.source = texts.get(grade_id, cell.source).partition("### BEGIN HIDDEN")[0]
        cell.id = f"c{index}"
    return notebook


def hand_in(
    course: Course,
    student: str,
    answers: Answers | None = None,
    when: str = "2026-02-01 10:00:00 UTC",
    name: str = "01_tiny.ipynb",
) -> None:
    """Put a student's notebook of the tiny course, with a time stamp, into ``submitted``."""
    (bundle,) = load_assignment(course, "tiny")
    folder = course.submitted / student / "tiny"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(as_bytes(as_handed_in(bundle, answers)))
    (folder / "timestamp.txt").write_text(when)


def as_bytes(notebook: Any) -> bytes:
    return json.dumps(notebook).encode()


def cell_of(notebook: NotebookNode, grade_id: str) -> int:
    """The position of the cell with this grade_id."""
    found = [
        index
        for index, cell in enumerate(notebook.cells)
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    ]
    return found[0]


def code(source: str) -> NotebookNode:
    return nbformat.v4.new_code_cell(source)


def notebook(*cells: Any, **fields: Any) -> bytes:
    given = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **fields}
    return json.dumps(given).encode()
