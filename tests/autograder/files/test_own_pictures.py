"""Pictures that lie beside a notebook reach the page that shows its text."""

from __future__ import annotations

import base64
import json
import os
import tarfile
import zipfile
from pathlib import Path

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from autograder.course.layout import Course
from autograder.course.source import load_assignment
from autograder.files.own_pictures import (
    MAX_ALL_BYTES,
    MAX_BYTES,
    picture_kind,
    show_beside,
)
from autograder.pages.feedback import write_feedback
from autograder.runs.class_run import ClassRun
from autograder.submission.folder import HandedIn, sort_files
from tests.courses.handed_in import as_handed_in, cell_of
from tests.courses.pictures import png

PNG = base64.b64decode(png())
JPEG, GIF, WEBP = b"\xff\xd8\xff\xe0....", b"GIF89a....", b"RIFF....WEBPVP8 "


def handed_in(folder: Path) -> HandedIn:
    return sort_files(folder, [], folder.with_name(f"{folder.name}-unpacked"))


def shown(folder: Path, text: str) -> tuple[str, dict[str, dict[str, str]]]:
    """A cell's text and attachments after the pictures of a folder were attached."""
    notebook = new_notebook(cells=[new_markdown_cell(text)])
    show_beside(notebook, handed_in(folder).pictures_by_name())
    (cell,) = notebook.cells
    return cell.source, dict(cell.get("attachments", {}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "plot.png").write_bytes(PNG)
    (tmp_path / "my plot.png").write_bytes(PNG + b"2")
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "deep.jpg").write_bytes(JPEG)
    (tmp_path / "a.gif").write_bytes(GIF)
    (tmp_path / "b.webp").write_bytes(WEBP)
    (tmp_path / "fake.png").write_bytes(b"<svg onload=alert(1)>")
    (tmp_path / "notes.txt").write_bytes(PNG)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("![](plot.png)", "image/png"),
        ("![the loss](./plot.png)", "image/png"),
        ('![the loss](plot.png "a title")', "image/png"),
        ("![](<my plot.png>)", "image/png"),
        ("![](my%20plot.png)", "image/png"),
        ("![](images/deep.jpg)", "image/jpeg"),
        ("![](deep.jpg)", "image/jpeg"),
        ("![](..\\images\\deep.jpg)", "image/jpeg"),
        ("![](a.gif)", "image/gif"),
        ("![](b.webp)", "image/webp"),
        ('<img src="plot.png">', "image/png"),
        ("<IMG width=300 src='plot.png' alt='the loss' />", "image/png"),
        ("<img src=plot.png>", "image/png"),
        ("<center><img src='images/deep.jpg' width='50%'></center>", "image/jpeg"),
        ("![the loss][loss]\n\n[loss]: plot.png", "image/png"),
    ],
)
def test_a_picture_that_the_text_names_is_attached(folder: Path, text: str, kind: str) -> None:
    source, attachments = shown(folder, f"Look: {text} There.")
    ((name, data),) = attachments.items()
    assert list(data) == [kind]
    assert f"attachment:{name}" in source
    assert source.startswith("Look: ")


@pytest.mark.parametrize(
    "text",
    [
        "![](fake.png)",
        "![](notes.txt)",
        "![](missing.png)",
        "![](https://example.org/plot.png)",
        "![](file:///plot.png)",
        "[plot.png](plot.png)",
        "`plot.png`",
        "<img src=''>",
        "<img alt=plot.png>",
        "![](" + "x" * 100_000,
        "![" * 50_000,
        "<img " * 50_000,
    ],
)
def test_nothing_else_is(folder: Path, text: str) -> None:
    assert shown(folder, text) == (text, {})


def test_one_picture_twice_is_one_attachment_and_old_ones_stay(folder: Path) -> None:
    notebook = new_notebook(cells=[new_markdown_cell("![](plot.png) ![](plot.png) ![](a.gif)")])
    notebook.cells[0].attachments = {"picture-1.png": {"image/png": "old"}}
    show_beside(notebook, handed_in(folder).pictures_by_name())
    kept = notebook.cells[0].attachments
    assert kept["picture-1.png"] == {"image/png": "old"}
    assert len(kept) == 3


def test_links_and_folders_outside_are_not_followed(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.png").write_bytes(PNG)
    (folder / "secret.png").symlink_to(outside / "secret.png")
    (folder / "more").symlink_to(outside)
    assert "secret.png" not in handed_in(folder).pictures_by_name()
    assert shown(folder, "![](../outside/secret.png) ![](more/secret.png)")[1] == {}


def test_pictures_come_out_of_archives_within_bounds(folder: Path) -> None:
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        archive.writestr("work/packed.png", PNG)
        archive.writestr("work/large.png", PNG + bytes(MAX_BYTES))
        archive.writestr("work/__MACOSX/._packed.png", b"")
        for number in range(1000):
            archive.writestr(f"data/{number:04}.png", PNG)
        archive.writestr("zz/helper.py", "x = 1")
    found = handed_in(folder)
    names = found.pictures_by_name()
    assert {"packed.png", "plot.png"} <= set(names)
    assert "large.png" not in names
    assert len(names) < 70
    assert [file.last_name for file in found.modules] == ["helper.py"]
    (told,) = [note for note in found.notes if ".png" in note]
    assert "large.png" in told and "larger than 4 MB" in told
    assert names["packed.png"].read_bytes() == PNG


def test_pictures_come_out_of_a_tar(folder: Path) -> None:
    with tarfile.open(folder / "more.tar.gz", "w:gz") as tar:
        tar.add(folder / "plot.png", "late/tarred.png")
    assert shown(folder, "![](late/tarred.png)")[1] != {}


def test_pictures_are_bounded(tmp_path: Path) -> None:
    (tmp_path / "0000.png").write_bytes(PNG + bytes(MAX_BYTES))
    assert shown(tmp_path, "![](0000.png)")[1] == {}
    names = [f"{number:04}.png" for number in range(1, 8)]
    for name in names:
        (tmp_path / name).write_bytes(PNG + os.urandom(16) + bytes(MAX_BYTES - 1000))
    _, attachments = shown(tmp_path, " ".join(f"![]({name})" for name in names))
    size = sum(len(base64.b64decode(x)) for data in attachments.values() for x in data.values())
    assert 0 < size <= MAX_ALL_BYTES


def test_a_picture_s_kind_is_what_its_bytes_say() -> None:
    assert picture_kind(PNG) == "image/png"
    assert picture_kind(WEBP) == "image/webp"
    assert picture_kind(b"RIFF....WAVE") is None
    assert picture_kind(b"") is None


def test_it_stands_in_the_autograded_notebook_and_on_the_student_s_page(
    tiny_course: Course,
) -> None:
    (bundle,) = load_assignment(tiny_course, "tiny")
    notebook = as_handed_in(
        bundle, {"why": "See ![the loss](plot.png) and <img src='plots/b.jpg'>"}
    )
    folder = tiny_course.submitted / "ada" / "tiny"
    (folder / "plots").mkdir(parents=True)
    (folder / "01_tiny.ipynb").write_text(json.dumps(notebook))
    (folder / "plot.png").write_bytes(PNG)
    (folder / "plots" / "b.jpg").write_bytes(JPEG)
    ClassRun(tiny_course, "tiny", workers=1).grade()
    autograded = json.loads((tiny_course.autograded / "ada/tiny/01_tiny.ipynb").read_text())
    why = next(
        c for c in autograded["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == "why"
    )
    kinds = {kind for data in why["attachments"].values() for kind in data}
    assert kinds == {"image/png", "image/jpeg"}
    (page,) = write_feedback(tiny_course, "tiny")
    html = page.read_text()
    assert f"data:image/png;base64,{base64.b64encode(PNG).decode()}" in html
    assert f"data:image/jpeg;base64,{base64.b64encode(JPEG).decode()}" in html
    assert cell_of(notebook, "why") == 7
