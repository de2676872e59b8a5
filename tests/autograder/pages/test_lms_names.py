"""Names for bulk uploads, read back by the rules of the systems' public sources."""

from __future__ import annotations

import pytest

from autograder.pages.lms_names import canvas_name, moodle_name

FILE = "feedback-tiny.html"


def participant(path: str) -> str | None:
    """Moodle's id of a participant: ``is_valid_filename_for_import`` in ``importziplib.php``."""
    if path.rsplit("/", 1)[-1].startswith((".", "~")):
        return None
    for part in path.split("/"):
        info = part.split("_", 4)
        if len(info) >= 4 and info[1].isdigit() and info[2:4] == ["assignsubmission", "file"]:
            return info[1]
    return None


def ids(name: str) -> tuple[str, str] | None:
    """Canvas's ids in a name: ``infer_comment_context_from_filename``."""
    parts = [part for part in name.split("_") if part != "LATE"]
    if parts[-1].startswith("link") or name.startswith("._"):
        return None
    if parts[0] == "anon":
        return parts[1], parts[2]
    numbers = [part for part in parts if part.isdigit()][:2]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            "Ada Lovelace_123_assignsubmission_file/01.ipynb",
            "Ada Lovelace_123_assignsubmission_file/",
        ),
        (
            "Ada Lovelace_123_assignsubmission_file_/a/b.py",
            "Ada Lovelace_123_assignsubmission_file_/",
        ),
        (
            "Ada Lovelace_123_assignsubmission_file_01.ipynb",
            "Ada Lovelace_123_assignsubmission_file_",
        ),
        (
            "tiny/Zoë O'Hara, Dr._7_assignsubmission_file/x",
            "Zoë O'Hara, Dr._7_assignsubmission_file/",
        ),
        ("Participant_55_assignsubmission_file/x", "Participant_55_assignsubmission_file/"),
        ("a_b_9_assignsubmission_file/x", "a b_9_assignsubmission_file/"),
        ("._9_assignsubmission_file_x", "Participant_9_assignsubmission_file_"),
        ("12_34_assignsubmission_file/x", "12_34_assignsubmission_file/"),
        ("مريم_8_assignsubmission_file/x", "مريم_8_assignsubmission_file/"),
    ],
)
def test_moodle_finds_the_participant(path: str, expected: str) -> None:
    name = moodle_name([path], FILE)
    assert name is not None
    assert name.path == expected + FILE
    assert participant(name.path) == name.key


@pytest.mark.parametrize(
    "path", ["01.ipynb", "ada_12_34_x.ipynb", "Ada_1_assignsubmission_onlinetext/x"]
)
def test_other_paths_are_not_of_moodle(path: str) -> None:
    assert moodle_name([path], FILE) is None


@pytest.mark.parametrize(
    ("path", "expected", "key"),
    [
        ("lovelaceada_12_34_01_tiny.ipynb", "lovelaceada_12_34_", "12"),
        ("lovelaceada_LATE_12_34_01_tiny-1.ipynb", "lovelaceada_LATE_12_34_", "12"),
        ("anon_x7Yz9_34_01_tiny.ipynb", "anon_x7Yz9_34_", "x7Yz9"),
        ("LATE_anon_x7Yz9_34_5_6.ipynb", "LATE_anon_x7Yz9_34_", "x7Yz9"),
        ("submissions/o'haraz_12_34_link.ipynb", "o'haraz_12_34_", "12"),
        ("group 1_lovelaceada_12_34_a.ipynb", "group 1_lovelaceada_12_34_", "12"),
        ("李明_12_34_2024_01.ipynb", "李明_12_34_", "12"),
    ],
)
def test_canvas_finds_the_user_and_the_file(path: str, expected: str, key: str) -> None:
    name = canvas_name([path], FILE)
    assert name is not None and name.key == key
    assert name.path == expected + FILE
    assert ids(name.path) == (key, "34")


def test_canvas_gets_the_page_beside_the_notebook() -> None:
    paths = ["ada_12_30_a.zip", "ada_12_34_z.ipynb", "ada_12_29_b.py"]
    found = canvas_name(paths, "feedback-a_link.html")
    assert found is not None and found.path == "ada_12_34_feedback-a-link.html"
    assert ids(found.path) == ("12", "34")


@pytest.mark.parametrize(
    "path", ["01.ipynb", "a_12_x.ipynb", "anon_34.ipynb", "anon_x_y_z", "a_1_2"]
)
def test_other_names_are_not_of_canvas(path: str) -> None:
    assert canvas_name([path], FILE) is None
