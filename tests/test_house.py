"""The files around the code agree with each other."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

import autograder
from autograder.course.layout import Course
from autograder.release.release import stale

ROOT = Path(__file__).resolve().parents[1]

# Names that conda-forge spells its own way.
CONDA_NAMES = {
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


def test_the_extra_for_docs_is_a_part_of_the_extra_for_development() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    assert set(extras["docs"]) <= set(extras["dev"])


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


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", ".ci/run", ".pre-commit-config.yaml"]
)
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
        subprocess.run(["bash", "-n", script], check=True, timeout=300)


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
        "grades/canvas/conv.csv",
        "report/conv.html",
        ".autograder/secret",
        ".venv/bin/python",
    ]
    done = subprocess.run(
        ["git", "check-ignore", "--no-index", *ignored],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout.split() == ignored
    kept = ["assignments/conv/01_convolution.ipynb", "solutions/conv/01_convolution.ipynb"]
    assert (
        subprocess.run(
            ["git", "check-ignore", "--no-index", *kept], cwd=ROOT, timeout=300
        ).returncode
        == 1
    )


@pytest.mark.parametrize("program", ["autograder", "classroom", "leaderboard"])
def test_each_program_prints_its_version(program: str) -> None:
    version = importlib.metadata.version("autograder-course")
    done = subprocess.run(
        [sys.executable, "-m", program, "--version"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{program} {version}\n", "")


PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        there = (page.parent / name) if name else page
        assert there.exists(), target
        if anchor:
            titles = re.findall(r"^#+ (.+)$", there.read_text(), re.MULTILINE)
            anchors = {re.sub(r"[^\w\- ]", "", t).lower().replace(" ", "-") for t in titles}
            assert anchor in anchors, target


def test_the_citation_names_this_package_and_licence() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    # The keys that version 1.2.0 of the format requires.
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert citation["cff-version"] == "1.2.0"
    assert citation["license"] == project["license"]
    assert citation["version"] == autograder.__version__
    holder = re.search(r"Copyright \(c\) \d+, (.+)", (ROOT / "LICENSE").read_text())
    assert holder is not None
    assert [author["name"] for author in citation["authors"]] == [holder.group(1)]


FORMS = [path for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config"]


def test_there_is_a_form_for_each_kind_of_issue() -> None:
    assert {form.stem for form in FORMS} == {"bug", "wrong-verdict", "question"}


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_has_the_parts_that_github_requires(form: Path) -> None:
    read = yaml.safe_load(form.read_text())
    assert read["name"] and read["description"]
    kinds = {"markdown", "input", "textarea", "dropdown", "checkboxes"}
    assert {part["type"] for part in read["body"]} <= kinds
    asked = [part for part in read["body"] if part["type"] != "markdown"]
    assert asked
    assert all(part["attributes"]["label"] for part in asked)
    ids = [part["id"] for part in asked]
    assert len(set(ids)) == len(ids)


def test_the_notice_names_every_file_of_another_project() -> None:
    notice = (ROOT / "NOTICE").read_text()
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    others = [p for p in tracked.stdout.split() if p.endswith((".npz", ".min.js"))]
    assert others
    assert [path for path in others if path not in notice] == []
