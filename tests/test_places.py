"""Every test has one place: the file of its module, or a list of tests of whole behaviours."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# Test files below tests/autograder that test one behaviour across modules.
BEHAVIOURS = {
    "cli/display/test_names.py",
    "collect/test_hostile_downloads.py",
    "grading/test_experiments.py",
    "grading/test_given_cells.py",
    "grading/test_hidden_inputs.py",
    "grading/test_missing_names.py",
    "grading/test_tries.py",
    "lateness/test_model.py",
    "lateness/test_page.py",
    "mistakes/test_mistakes.py",
    "notebooks/test_notebook_values.py",
    "pairing/test_pair_and_release.py",
    "pages/test_feedback_of_odd_names.py",
    "pages/test_names_on_pages.py",
    "pages/test_packs_of_downloads.py",
    "questions/test_looks.py",
    "release/test_one_pass.py",
    "runs/test_class_run_files.py",
    "runs/test_class_run_times.py",
    "runs/test_class_run_tries.py",
    "runs/test_one_pass.py",
    "submission/test_older_text.py",
    "test_before_rooms.py",
    "torch_watch/test_operator_registry.py",
}

HEAD = "# jupyter:\n#" + " " * 3  # of a notebook in the percent format


def modules(name: str) -> dict[str, ast.Module]:
    """The modules below tests/ whose file name matches, by path."""
    tests = ROOT / "tests"
    return {
        path.relative_to(tests).as_posix(): ast.parse(path.read_text())
        for path in sorted(tests.rglob(name))
        if "fixtures" not in path.relative_to(tests).parts
    }


def imported(module: ast.Module) -> set[str]:
    """The names of all modules that a module may import, however deep in a function."""
    found = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_a_test_file_of_the_engine_has_the_name_of_a_module_of_its_room() -> None:
    tests = ROOT / "tests" / "autograder"
    files = {path.relative_to(tests) for path in tests.rglob("test_*.py")}
    without = {
        file.as_posix()
        for file in files
        if not (ROOT / "autograder" / file.with_name(file.name.removeprefix("test_"))).is_file()
    }
    assert without == BEHAVIOURS


def test_no_test_file_is_imported() -> None:
    for path, module in modules("*.py").items():
        from_tests = {name for name in imported(module) if name.startswith("tests.")}
        assert not [name for name in from_tests if ".test_" in name], path


def test_fixtures_are_registered_once() -> None:
    for path, module in modules("*.py").items():
        names = {node.id for node in ast.walk(module) if isinstance(node, ast.Name)}
        assert ("pytest_plugins" in names) == (path == "conftest.py"), path


def test_source_notebooks_of_small_courses_are_written_by_one_builder() -> None:
    for path, module in modules("*.py").items():
        texts = [node.value for node in ast.walk(module) if isinstance(node, ast.Constant)]
        written = [text for text in texts if isinstance(text, str) and HEAD in text]
        assert not written or path == "courses/cells.py", path


def test_no_test_waits_for_a_process_for_ever() -> None:
    waits = ("subprocess.run", "subprocess.check_output", "subprocess.check_call")
    for path, module in modules("*.py").items():
        for node in ast.walk(module):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                if name in waits or name.endswith(".communicate"):
                    assert "timeout" in {keyword.arg for keyword in node.keywords}, path
