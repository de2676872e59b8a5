"""The pages of the documentation, and the bounds of their commands."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]

# Pages whose commands another test runs.
FOLLOWED_ELSEWHERE = {
    "authoring.md": "tests/test_authoring_page.py",
    "running_term.md": "tests/autograder/registration/test_registration.py",
}

# The reasons for which the commands of a block may not run, and the most blocks for each.
NOT_RUN = {
    "installs programs": 4,
    "runs until it is stopped": 5,
    "needs the network": 2,
    "takes minutes": 3,
}


def name_of(page: Path) -> str:
    """The page's path below the repository."""
    return page.relative_to(ROOT).as_posix()
