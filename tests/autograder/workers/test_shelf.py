from __future__ import annotations

from autograder.notebooks.notebook import CELL_BYTES, NotebookContent, read_content
from autograder.workers.shelf import Shelf
from tests.courses.handed_in import CODE, notebook


def content(cells: int = 1) -> NotebookContent:
    return read_content(notebook(*[CODE] * cells))


ONE = CELL_BYTES + len(CODE["source"])  # bytes


def test_a_notebook_is_kept_until_it_is_taken() -> None:
    shelf, held = Shelf(), content()
    shelf.put("ada", "01", held)
    assert shelf.take("ada", "02") is None
    assert shelf.take("ada", "01") is held
    assert shelf.take("ada", "01") is None


def test_a_notebook_without_room_is_not_kept_and_taking_one_makes_room() -> None:
    shelf = Shelf(2 * ONE)
    for name in ("ada", "bob", "cleo"):
        shelf.put(name, "01", content())
    assert shelf.take("cleo", "01") is None
    assert shelf.take("ada", "01") is not None
    shelf.put("cleo", "01", content(2))
    assert shelf.take("cleo", "01") is None
    shelf.put("cleo", "01", content())
    assert shelf.take("cleo", "01") is not None
    assert shelf.take("bob", "01") is not None


def test_the_newer_of_two_replaces_the_other_and_its_room() -> None:
    shelf = Shelf(ONE)
    shelf.put("ada", "01", content())
    newer = content()
    shelf.put("ada", "01", newer)
    assert shelf.take("ada", "01") is newer


def test_an_unreadable_file_takes_no_room() -> None:
    shelf = Shelf(0)
    shelf.put("ada", "01", read_content(b"{"))
    held = shelf.take("ada", "01")
    assert isinstance(held, NotebookContent)
    assert held.reason == "the file is not JSON (JSONDecodeError)"
