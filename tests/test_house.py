"""The files around the code agree with each other."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from autograder.course.layout import Course
from autograder.release.release import stale

ROOT = Path(__file__).resolve().parents[1]

# Names that conda-forge spells its own way.
CONDA_NAMES = {
    "bleach": "bleach-with-css",
    "msgpack": "msgpack-python",
    "torch": "pytorch",
}


def pyproject() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def requirements() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    return [Requirement(text) for text in named]


def makefile_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_conda_installs_what_pip_installs() -> None:
    entries = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    by_pip = next(entry["pip"] for entry in entries if isinstance(entry, dict))
    listed = [entry for entry in entries if isinstance(entry, str)] + by_pip
    there = {Requirement(text) for text in listed if not text.startswith("-e")}
    conda = {(r.name.lower(), str(r.specifier)) for r in there} - {("pip", "")}
    python = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    wanted = {
        (CONDA_NAMES.get(r.name, r.name).lower(), str(r.specifier)) for r in requirements()
    } | {("python", python)}
    assert conda == wanted


def test_every_requirement_is_pinned_and_the_pin_satisfies_it() -> None:
    pins = {}
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            requirement = Requirement(line)
            (pin,) = requirement.specifier
            assert pin.operator == "=="
            assert "+" not in pin.version, f"{line}: a local version exists in one place only"
            pins[canonical(requirement.name)] = pin.version
    for requirement in requirements():
        assert canonical(requirement.name) in pins, f"{requirement.name} has no pin"
        assert requirement.specifier.contains(pins[canonical(requirement.name)])


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("page", ["README.md", ".ci/run", ".pre-commit-config.yaml"])
def test_every_make_target_that_is_named_exists(page: str) -> None:
    text = (ROOT / page).read_text()
    named = set(re.findall(r"\bmake (?:--no-print-directory )?([a-z]+)\b", text))
    named -= {"python"}
    assert named, "names no target"
    assert named <= makefile_targets()


def test_every_folder_in_the_readme_exists() -> None:
    table = re.findall(r"^\| `([^`]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert table
    assert [name for name in table if not (ROOT / name).exists()] == []


def test_the_scripts_can_be_run() -> None:
    for script in (ROOT / ".ci/run", *(ROOT / "scripts").glob("*.sh")):
        assert os.access(script, os.X_OK), script
        subprocess.run(["bash", "-n", script], check=True)


def test_generated_folders_are_fresh() -> None:
    course = Course.find(ROOT)
    complaints = [line for name in course.assignment_names() for line in stale(course, name)]
    assert complaints == [], "run: autograder release " + " ".join(course.assignment_names())


def test_git_keeps_built_notebooks_and_students_work_out() -> None:
    ignored = [
        "source/conv/01_convolution.ipynb",
        "submitted/ada/conv/01_convolution.ipynb",
        "autograded/ada/conv/01_convolution.ipynb",
        "feedback/ada/conv/01_convolution.html",
        "gradebook.db",
        "grades.csv",
        ".autograder/secret",
        ".venv/bin/python",
    ]
    done = subprocess.run(
        ["git", "check-ignore", "--no-index", *ignored], cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.split() == ignored
    kept = ["assignments/conv/01_convolution.ipynb", "solutions/conv/01_convolution.ipynb"]
    assert subprocess.run(["git", "check-ignore", "--no-index", *kept], cwd=ROOT).returncode == 1
