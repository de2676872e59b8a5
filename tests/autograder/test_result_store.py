from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.bundle import NotebookBundle, load_bundle
from autograder.course import Course
from autograder.result_store import ResultStore, engine_digest, result_key, source_digest
from autograder.results import NotebookResult
from tests.autograder.test_results import result

pytest_plugins = ["tests.autograder.engine_fixtures"]


def load(course: Course, key: str) -> NotebookResult | None:
    return ResultStore(course).load("tiny", "ada", "01_tiny", key)


def path_of(course: Course) -> Path:
    (path,) = (course.state / "results").rglob("*.json")
    return path


def test_a_result_is_found_with_its_key_only(tiny_course: Course) -> None:
    store, one = ResultStore(tiny_course), result()
    assert load(tiny_course, "k") is None
    store.save(one, "k")
    assert load(tiny_course, "k") == one
    assert load(tiny_course, "other") is None
    assert ResultStore(tiny_course).load("tiny", "eve", "01_tiny", "k") is None


def test_the_latest_result_replaces_the_one_before(tiny_course: Course) -> None:
    store = ResultStore(tiny_course)
    store.save(result(), "old")
    store.save(result(notes=("new",)), "new")
    assert load(tiny_course, "old") is None
    assert load(tiny_course, "new") == result(notes=("new",))
    assert [path.name for path in path_of(tiny_course).parent.iterdir()] == ["01_tiny.json"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[:-5],
        lambda text: "[]",
        lambda text: "null",
        lambda text: '{"key": "k"}',
        lambda text: '{"key": "k", "result": []}',
        lambda text: text.replace('"partial"', '"unheard of"'),
        lambda text: text.replace('"student"', '"pupil"'),
        lambda text: text.replace('"outputs": {', '"outputs": {"x": {},'),
        lambda text: "\x00" * 100,
    ],
)
def test_a_stored_result_that_was_damaged_is_as_if_it_were_not_there(
    tiny_course: Course, damage: object
) -> None:
    ResultStore(tiny_course).save(result(), "k")
    path = path_of(tiny_course)
    path.write_text(damage(path.read_text()))  # type: ignore[operator]
    assert load(tiny_course, "k") is None


@given(st.lists(st.binary() | st.text()), st.lists(st.binary() | st.text()))
def test_keys_are_equal_exactly_when_all_parts_are(
    one: list[bytes | str], other: list[bytes | str]
) -> None:
    def as_bytes(parts: list[bytes | str]) -> list[bytes]:
        return [part.encode() if isinstance(part, str) else part for part in parts]

    assert (result_key(*one) == result_key(*other)) is (as_bytes(one) == as_bytes(other))


def test_parts_do_not_run_into_one_another() -> None:
    assert result_key("ab", "c") != result_key("a", "bc")


def test_the_digest_of_a_source_covers_its_misconceptions(
    tiny_course: Course, tiny: NotebookBundle
) -> None:
    bundle = load_bundle(tiny_course.source / "tiny" / "01_tiny.py")
    before = source_digest(bundle)
    assert before == source_digest(tiny)
    bank = tiny_course.source / "tiny" / "misconceptions" / "add.toml"
    bank.write_text(bank.read_text() + "\n# more\n")
    assert source_digest(bundle) != before
    assert engine_digest() == engine_digest()
