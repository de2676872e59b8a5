"""A run reads each input once: submitted files, source files and the configuration."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jupytext
import pytest

from autograder.course.layout import Course
from autograder.course.source import load_assignment
from autograder.results import NotebookResult, Outcome
from autograder.runs.class_run import ClassRun
from tests.autograder.reads import Reads, counting, note_calls
from tests.courses.handed_in import as_bytes, as_handed_in

NAME = "01_tiny.ipynb"
FILES = {
    "ada": f"submitted/ada/tiny/{NAME}",
    "bob": "submitted/bob/tiny/Copy of 01_tiny (1).ipynb",
    "cleo": f"submitted/cleo/tiny/{NAME}",  # in an archive
    "dan": f"submitted/dan/tiny/{NAME}",  # cut short
}
MARK = "marked"  # in the metadata of a submitted notebook, which nothing of ours keeps


def hand_in(course: Course, student: str, **answers: str) -> None:
    """One student's notebook, which says in its metadata whose it is."""
    (bundle,) = load_assignment(course, "tiny")
    notebook = as_handed_in(bundle, answers)
    notebook.metadata[MARK] = student
    data = as_bytes(notebook)
    path = course.root / FILES[student]
    if student == "cleo":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(NAME, data)
        path, data = course.submitted / student / "tiny" / "hw.zip", packed.getvalue()
    if student == "dan":
        at = data.index(MARK.encode())
        data = data[:at] + data[at : at + 20]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    stamp = course.submitted / student / "tiny" / "timestamp.txt"
    stamp.write_text("2026-02-01 10:00:00 UTC")


@pytest.fixture
def handed_in(released: Course) -> Course:
    for student in FILES:
        hand_in(released, student)
    return released


class Counts:
    """The reads of one run."""

    def __init__(self, reads: Reads) -> None:
        self.opened = reads.counted("opened")
        self.parsed = reads.counted("parsed")

    def of_submissions(self, counts: Counter[str]) -> dict[str, int]:
        """The number of reads of each student's notebook file, by student."""
        found: Counter[str] = Counter()
        for path, count in counts.items():
            top, name = path.partition("/")[0], path
            if top in ("submitted", ".autograder") and name.endswith(".ipynb"):
                found.update({student: count for student in FILES if f"/{student}/" in path})
        return dict(found)


@contextmanager
def counted(course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reads]:
    """Count in a block: opened files, JSON of submitted notebooks and percent texts parsed."""
    log = tmp_path.with_name(f"{tmp_path.name}.reads")
    with monkeypatch.context() as patch, counting(course.root, log) as reads:

        def of_json(text: Any, *args: Any, **kwargs: Any) -> None:
            text = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
            for student, path in FILES.items():
                if f'"{MARK}": "{student}"' in text:
                    reads.note("parsed", str(course.root / path))

        def of_percent(text: str, *args: Any, **kwargs: Any) -> None:
            reads.note("parsed", str(course.root / "source"))

        note_calls(patch, json, "loads", of_json)
        note_calls(patch, jupytext.jupytext, "reads", of_percent)
        if jupytext.reads is not jupytext.jupytext.reads:
            note_calls(patch, jupytext, "reads", of_percent)
        yield reads


def run(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **options: Any
) -> tuple[Counts, dict[str, NotebookResult]]:
    """A separate run, from the search for the course on."""
    with counted(course, tmp_path, monkeypatch) as reads:
        found = Course.find(course.root)
        results = ClassRun(found, "tiny", **options).grade()
        counts = Counts(reads)
    return counts, {result.student: result for result in results}


ONCE = dict.fromkeys(FILES, 1)
TWICE = dict.fromkeys(FILES, 2)  # the first bytes, for the kind of file, and then the whole file


@pytest.mark.parametrize(("workers", "force"), [(1, False), (2, True)])
def test_a_run_reads_and_parses_each_input_once(
    handed_in: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int, force: bool
) -> None:
    handed_in.gradebook.unlink()  # to register an assignment reads no source again
    counts, results = run(handed_in, tmp_path, monkeypatch, workers=workers, force=force)
    assert {name: result.points for name, result in results.items()} == {
        "ada": 9, "bob": 9, "cleo": 9, "dan": 0,
    }  # fmt: skip
    assert results["dan"].outcome is Outcome.UNREADABLE
    assert counts.of_submissions(counts.parsed) == ONCE
    assert counts.of_submissions(counts.opened) == TWICE
    assert counts.parsed["source"] == 1
    assert counts.opened["source/tiny/01_tiny.py"] == 1
    assert counts.opened["nbgrader_config.py"] == 1
    for student in FILES:
        assert counts.opened[f"submitted/{student}/tiny/timestamp.txt"] == 1
        assert (handed_in.autograded / student / "tiny" / NAME).is_file()


def test_a_run_with_nothing_new_parses_each_file_once_to_record_it(
    handed_in: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, before = run(handed_in, tmp_path, monkeypatch, workers=1)
    pages = {path: path.read_bytes() for path in handed_in.autograded.rglob("*.ipynb")}
    assert len(pages) == len(FILES)
    for path in pages:
        path.unlink()
    counts, after = run(handed_in, tmp_path, monkeypatch, workers=1)
    assert after == before
    assert counts.of_submissions(counts.parsed) == ONCE
    assert counts.of_submissions(counts.opened) == TWICE
    assert counts.parsed["source"] == 1
    assert counts.opened["nbgrader_config.py"] == 1
    for path, text in pages.items():
        assert path.read_text().splitlines() == text.decode().splitlines()


def test_where_memory_ends_a_notebook_is_parsed_again_when_it_is_graded(
    handed_in: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.workers.shelf.ROOM_BYTES", 60_000)  # one notebook
    counts, results = run(handed_in, tmp_path, monkeypatch, workers=1)
    assert [results[name].points for name in FILES] == [9, 9, 9, 0]
    assert counts.of_submissions(counts.parsed) == {"ada": 1, "bob": 2, "cleo": 2, "dan": 1}
