"""Make docs/feedback.png: a part of a real feedback page, of an answer that is really graded.

    .venv/bin/python scripts/feedback_picture.py

The answer is the reference of ``corr2d`` with one known misconception. The picture shows the
exercise on the student's page. Needs Chromium (scripts/system-packages.sh tests) and a minute.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "feedback.png"
ASSIGNMENT, NOTEBOOK, EXERCISE = "conv", "01_convolution", "corr2d"
MISCONCEPTION = "kernel_flipped"
STUDENT = "ada"
WIDTH = 760  # pixels of the window; the picture has twice as many
COLOURS = 128


def main() -> None:
    """Hand in, grade, write the page, and take the picture."""
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder)
        shutil.copy(ROOT / "nbgrader_config.py", course)
        for name in ("source", "assignments", "solutions"):
            shutil.copytree(ROOT / name, course / name)
        hand_in(course)
        for command in ("grade", "feedback"):
            call = [sys.executable, "-m", "autograder", command, ASSIGNMENT]
            subprocess.run(call, cwd=course, check=True, timeout=900)
        page = course / "feedback" / STUDENT / ASSIGNMENT / f"{NOTEBOOK}.html"
        PICTURE.write_bytes(smaller(picture_of(page)))
    print(f"{PICTURE}: {PICTURE.stat().st_size // 1000} kB")


def hand_in(course: Path) -> None:
    """Write the released notebook into ``submitted/``, with one wrong answer."""
    bank = course / "source" / ASSIGNMENT / "exercises" / EXERCISE / "misconceptions.toml"
    known = {one["id"]: one for one in tomllib.loads(bank.read_text())["misconception"]}
    (answer,) = (
        text
        for cell in read_notebook(course / "solutions" / ASSIGNMENT / f"{NOTEBOOK}.ipynb")["cells"]
        if (text := "".join(cell["source"])).startswith(f"def {EXERCISE}(")
    )
    for patch in known[MISCONCEPTION]["patches"]:
        assert answer.count(patch["find"]) == 1
        answer = answer.replace(patch["find"], patch["put"])
    notebook = read_notebook(course / "assignments" / ASSIGNMENT / f"{NOTEBOOK}.ipynb")
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == EXERCISE:
            cell["source"] = answer
    folder = course / "submitted" / STUDENT / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / f"{NOTEBOOK}.ipynb").write_text(json.dumps(notebook))


def read_notebook(path: Path) -> dict[str, Any]:
    """A notebook as data."""
    notebook: dict[str, Any] = json.loads(path.read_text())
    return notebook


def picture_of(page: Path) -> bytes:
    """The exercise on the page, as PNG."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        shown = browser.new_page(
            viewport={"width": WIDTH, "height": 900}, device_scale_factor=2, color_scheme="light"
        )
        shown.goto(page.as_uri())
        part = shown.locator(f"section.test:has(#test_{EXERCISE})")
        taken = part.screenshot()
        browser.close()
    return taken


def smaller(png: bytes) -> bytes:
    """The picture with a palette of few colours, which is a third of the size."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    out = io.BytesIO()
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    main()
