from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import autograder
from autograder.course.layout import Course
from autograder.course.source import NotebookBundle, load_bundle
from autograder.results import NotebookResult
from autograder.workers.cache import NOT_GRADING, ResultStore, engine_digest, source_digest
from tests.courses.results import result


def load(course: Course, key: str) -> NotebookResult | None:
    return ResultStore(course).find("tiny", "ada", "01_tiny", key).result


def path_of(course: Course) -> Path:
    (path,) = (course.state / "results").rglob("*.json")
    return path


def test_a_result_is_found_with_its_key_only(tiny_course: Course) -> None:
    store, one = ResultStore(tiny_course), result()
    assert load(tiny_course, "k") is None
    store.save(one, "k")
    assert load(tiny_course, "k") == one
    assert load(tiny_course, "other") is None
    assert ResultStore(tiny_course).find("tiny", "eve", "01_tiny", "k").result is None


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
    data = tiny_course.source / "tiny" / "private" / "held_out.npz"
    data.parent.mkdir()
    before = source_digest(bundle)
    data.write_bytes(b"images")
    assert source_digest(bundle) != before


def test_the_digest_of_a_source_covers_the_reference_modules_that_its_tests_name(
    released: Course,
) -> None:
    bundle = load_bundle(released.source / "tiny" / "01_tiny.py")
    before = source_digest(bundle)
    named = released.solutions / "tiny" / "scale.py"
    named.write_text("x = 1")
    other = source_digest(bundle)
    assert other != before
    (released.solutions / "tiny" / "nothing_of_this_name.py").write_text("x = 1")
    assert source_digest(bundle) == other


LOADED = """
import sys
import autograder.workers.worker, autograder.student.fork_server
print(*(name.removeprefix("autograder.") for name in sys.modules if name.startswith("autograder.")))
print(*(name for name in ("pydantic", "sqlalchemy", "psutil") if name in sys.modules))
"""


def test_a_worker_loads_no_module_of_those_that_no_verdict_depends_on() -> None:
    run = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True, timeout=300
    )
    ours, libraries = run.stdout.splitlines()
    assert libraries == ""  # they take time to load, and no verdict needs them
    loaded = set(ours.split())
    assert {"checks.check", "grading.notebook", "shell.shell", "wall.values"} <= loaded
    root = Path(autograder.__file__).parent
    modules = {
        ".".join(path.relative_to(root).with_suffix("").parts)
        for path in root.rglob("*.py")
        if path.name != "__init__.py"
    }
    listed = {name for name in modules if {name, name.split(".")[0]} & NOT_GRADING}
    assert listed & loaded == set()
    in_sandbox = {"jail.entrance", "jail.overlays"}  # before the fork server, and only there
    assert modules - loaded == listed | in_sandbox
    assert {entry for entry in NOT_GRADING if not _covers(entry, modules)} == set()


def _covers(entry: str, modules: set[str]) -> bool:
    return any(name == entry or name.startswith(f"{entry}.") for name in modules)


def test_only_what_grading_depends_on_makes_another_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(autograder.__file__).parent
    copy = tmp_path / "autograder"
    shutil.copytree(root, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(autograder, "__file__", str(copy / "__init__.py"))
    same = engine_digest()
    for name in ("rendering/exporter.py", "cli/app.py", "runs/class_run.py", "interrupts.py"):
        assert (copy / name).is_file()
        (copy / name).write_text("other = 1")
    assert engine_digest() == same
    for name in (
        "grading/notebook.py",
        "errors.py",
        "trials/compare.py",
        "wall/values.py",
        "shell/shell.py",
        "checks/templates/report.html.j2",
    ):
        assert (copy / name).is_file()
        before = engine_digest()
        (copy / name).write_text("other = 1")
        assert engine_digest() != before
    before = engine_digest()
    monkeypatch.setattr("autograder.workers.cache.version", lambda name: "another")
    assert engine_digest() != before


def test_the_store_knows_of_which_files_a_result_is(tiny_course: Course) -> None:
    store = ResultStore(tiny_course)
    assert store.find("tiny", "ada", "01_tiny", "other").files is None
    store.save(result(handed_in="digest"), "k")
    assert store.find("tiny", "ada", "01_tiny", "other").files == "digest"
    path = path_of(tiny_course)
    path.write_text(path.read_text().replace('"handed_in": "digest", ', ""))
    assert store.find("tiny", "ada", "01_tiny", "other").files == ""
    path.write_text("[]")
    assert store.find("tiny", "ada", "01_tiny", "other").files is None
