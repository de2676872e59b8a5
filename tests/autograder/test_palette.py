from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

import autograder
from autograder.checks.report import plain_html
from autograder.palette import DAY, NIGHT, colours, custom_properties
from autograder.rendering.style import TEMPLATES, page_css

ROOT = Path(autograder.__file__).parent
PAGE_CSS = TEMPLATES / "course_feedback" / "page.css"
REPORT = ROOT / "checks" / "templates" / "report.html.j2"


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_day_and_night_name_the_same_colours() -> None:
    assert list(DAY) == list(NIGHT)
    for name in DAY:
        assert colours()[name] == f"var(--ag-{name}, {DAY[name]})"
        assert custom_properties().count(f"--ag-{name}: ") == 2


@pytest.mark.parametrize("palette", [DAY, NIGHT], ids=["day", "night"])
def test_text_can_be_read_on_every_ground(palette: dict[str, str]) -> None:
    """WCAG 2.2 asks for a contrast of 4.5."""
    for ground in ("paper", "shade", "hint", "wrong"):
        assert contrast(palette["ink"], palette[ground]) >= 4.5
    for ground in (name for name in palette if name.startswith(("value", "over", "under"))):
        assert contrast(palette["ink"], palette[ground]) >= 4.5
    for text in ("faint", "good", "bad"):  # of a check's box
        assert contrast(palette[text], palette["shade"]) >= 4.5
    for text in ("faint", "good", "half", "bad", "link"):
        assert contrast(palette[text], palette["paper"]) >= 4.5


def test_colours_stand_in_the_palette_only() -> None:
    # pictures that a notebook draws have white paper by day and by night
    css = PAGE_CSS.read_text().replace("background: #ffffff; border-radius: 6px", "")
    for text in (css, REPORT.read_text()):
        assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?!;base64)", re.sub(r"\{#.*?#\}", "", text)) == []
    named = set(re.findall(r"var\(--ag-([a-z]+)\)", PAGE_CSS.read_text()))
    named |= set(re.findall(r"colours\.([a-z]+)", REPORT.read_text()))
    assert named <= DAY.keys()


def test_a_page_defines_the_colours_that_checks_use() -> None:
    used = set(re.findall(r"var\(--ag-([a-z]+), ", plain_html("text", "good")))
    assert used == {"ink", "shade", "line", "good"}
    assert all(f"--ag-{name}: {NIGHT[name]};" in page_css() for name in used)


@pytest.mark.parametrize("palette", [DAY, NIGHT], ids=["day", "night"])
@pytest.mark.parametrize("sign", ["over", "under"])
def test_larger_errors_have_a_stronger_colour(palette: dict[str, str], sign: str) -> None:
    """Lightness alone tells the size, so that nobody needs to see the hue."""
    steps = [contrast(palette[f"{sign}{level}"], palette["paper"]) for level in (1, 2, 3)]
    assert steps == sorted(steps)
    assert all(later / earlier > 1.2 for earlier, later in itertools.pairwise(steps))
