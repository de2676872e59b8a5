"""The zip that the last cell packs: one notebook, or all notebooks of the assignment."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from source.shared.hand_in import check_and_pack

NOTEBOOKS = ["01_one", "02_two", "03_three"]
STUB = "def f(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
WRITTEN = "def f(x):\n    return x"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    return tmp_path


def cell(source: str, grade_id: str = "", **facts: Any) -> dict[str, Any]:
    kind = "markdown" if facts.pop("is_text", False) else "code"
    metadata: dict[str, Any] = {"nbgrader": {"grade_id": grade_id, **facts}} if grade_id else {}
    lines = source.splitlines(keepends=True)  # as Jupyter saves it
    return {"cell_type": kind, "metadata": metadata, "source": lines, "outputs": []}


def save(
    file: str, name: str, *, answer: str = WRITTEN, at: int = 0, files: str = "", extra: str = ""
) -> None:
    """A notebook with one exercise; its last cell names it and the files that belong to it."""
    stem = name[3:]
    graded = [f"test_{stem}", f"why_{stem}"]
    notebook = {
        "cells": [
            cell(answer, stem, grade=False, solution=True),
            cell(extra or "pass", f"try_{stem}", grade=True, solution=False, points=0),
            cell(f"# {stem}, 2 points", graded[0], grade=True, solution=False, points=2),
            cell("YOUR ANSWER HERE", graded[1], grade=True, solution=True, points=1, is_text=True),
            cell(
                "def check_and_pack(name): ...\n\n\n"
                f"check_and_pack({name!r}, {graded!r}{files}, assignment='unit')"
            ),
        ]
    }
    Path(file).write_text(json.dumps(notebook), encoding="utf-8")
    if at:
        os.utime(file, (at, at))


def packed(name: str = "unit") -> dict[str, str]:
    """The entries of a zip; of a notebook, the text of its first cell."""
    found = {}
    with zipfile.ZipFile(f"{name}.zip") as archive:
        assert archive.testzip() is None
        for entry in archive.namelist():
            data = archive.read(entry).decode()
            first = json.loads(data)["cells"][0]["source"] if entry.endswith(".ipynb") else [data]
            found[entry] = "".join(first)
    return found


def run(name: str = "01_one", files: tuple[str, ...] = ()) -> Path | None:
    graded = [f"test_{name[3:]}", f"why_{name[3:]}"]
    made: Path | None = check_and_pack(name, graded, files, "unit", NOTEBOOKS)
    return made


def test_the_notebooks_of_an_assignment_in_one_folder_make_one_zip(
    capsys: pytest.CaptureFixture[str],
) -> None:
    save("01_one.ipynb", "01_one")
    save("Kopie von 02.ipynb", "02_two", at=1_700_000_000)
    save("another course.ipynb", "09_other")
    Path("notes.ipynb").write_text("no json")
    Path("list.ipynb").write_text("[1]")
    assert run() == Path("unit.zip")
    said = capsys.readouterr().out
    assert list(packed()) == ["01_one.ipynb", "02_two.ipynb"]
    assert (
        "Other notebooks of unit in this folder:\n  02_two: Kopie von 02.ipynb, saved on " in said
    )
    assert "2 of 2 graded cells are there" in said
    assert "Not in this folder: 03_three. Hand in what their own last cells pack." in said
    assert "Packed into unit.zip: 01_one.ipynb (" in said
    assert "02_two.ipynb (" in said
    assert "another" not in said


def test_alone_it_packs_itself_and_names_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    save("01_one.ipynb", "01_one")
    assert run() == Path("01_one.zip")
    assert list(packed("01_one")) == ["01_one.ipynb"]
    assert "Not in this folder: 02_two, 03_three." in capsys.readouterr().out


def test_an_older_release_without_the_assignments_notebooks_packs_itself(
    capsys: pytest.CaptureFixture[str],
) -> None:
    save("01_one.ipynb", "01_one")
    save("02_two.ipynb", "02_two")
    assert check_and_pack("01_one", ["test_one", "why_one"]) == Path("01_one.zip")
    assert list(packed("01_one")) == ["01_one.ipynb"]
    assert "folder" not in capsys.readouterr().out


def test_the_last_saved_version_counts_and_the_others_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    save("01_one.ipynb", "01_one")
    save("old.ipynb", "02_two", answer="old = 1", at=1_700_000_000)
    save("new.ipynb", "02_two", answer="new = 1", at=1_700_000_060)
    run()
    assert packed()["02_two.ipynb"] == "new = 1"
    assert "left out, another copy: old.ipynb, saved on" in capsys.readouterr().out
    with zipfile.ZipFile("unit.zip") as archive:
        year = archive.getinfo("02_two.ipynb").date_time[0]
    assert year == 2023  # when it was saved, not when it was packed


def test_a_fresh_copy_does_not_replace_the_students_work(
    capsys: pytest.CaptureFixture[str],
) -> None:
    save("01_one.ipynb", "01_one")
    save("mine.ipynb", "02_two", at=1_700_000_000)
    save("02_two.ipynb", "02_two", answer=STUB, at=1_700_000_060)
    save("03_three.ipynb", "03_three", answer=STUB)
    run()
    assert packed() == {"01_one.ipynb": WRITTEN, "02_two.ipynb": WRITTEN}
    said = capsys.readouterr().out
    assert "02_two: mine.ipynb, " in said
    assert "left out, another copy: 02_two.ipynb, " in said
    assert "; left out: no answer is written in it yet" in said


def test_files_of_every_notebook_are_packed_once_and_missing_ones_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    save("01_one.ipynb", "01_one")
    save("02_two.ipynb", "02_two", files=", ['two.safetensors', 'no.safetensors']")
    Path("two.safetensors").write_text("2")
    Path("one.safetensors").write_text("1")
    run(files=("one.safetensors", "two.safetensors"))
    assert sorted(packed()) == [
        "01_one.ipynb", "02_two.ipynb", "one.safetensors", "two.safetensors",
    ]  # fmt: skip
    assert "missing   no.safetensors: run the cell of 02_two that writes it" in (
        capsys.readouterr().out
    )


def test_visible_tests_run_and_say_got_and_expected_in_one_line_each(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = "one: of 3\\n  got      4\\n  expected 6\\nRead again: section 1."
    save("01_one.ipynb", "01_one", extra=f"raise AssertionError('{told}')")
    run()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("2 of 2 graded cells are there.")
    assert lines[1:5] == [
        "  wrong     one: of 3",
        "              got      4",
        "              expected 6",
        "  empty     why_one: no answer yet",
    ]
    assert lines[5] == "You can hand this in as it is; what is not ok yet may cost points."


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("pass", "  ok        one"),
        ("raise NotImplementedError", "  empty     one: not written yet"),
        ("undefined_name", "  wrong     one: NameError: name 'undefined_name' is not defined"),
        ("assert 1 == 2", "  wrong     one: a condition is false"),
        ("raise ValueError", "  wrong     one: ValueError"),
        ("# nothing to run", "  there     one: it is tested when your notebook is graded"),
    ],
)
def test_each_exercise_has_one_line(
    source: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    save("01_one.ipynb", "01_one", extra=source)
    run()
    assert capsys.readouterr().out.splitlines()[1] == line


def test_visible_tests_in_the_graded_cell_of_an_older_notebook_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    graded = cell("assert 1 == 2", "test_one", grade=True, solution=False, points=2)
    Path("01_one.ipynb").write_text(json.dumps({"cells": [graded]}))
    check_and_pack("01_one", ["test_one"])
    assert "  wrong     one: a condition is false" in capsys.readouterr().out


def test_a_visible_test_that_is_gone_is_no_missing_graded_cell(
    capsys: pytest.CaptureFixture[str],
) -> None:
    graded = cell("# one", "test_one", grade=True, solution=False, points=2)
    Path("01_one.ipynb").write_text(json.dumps({"cells": [graded]}))
    check_and_pack("01_one", ["try_one", "test_one"])
    said = capsys.readouterr().out
    assert "1 of 1 graded cells are there" in said
    assert "missing" not in said
