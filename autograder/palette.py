"""Colours of checks and pages.

A check's HTML stands in feedback pages, which define the colours for day and night as CSS custom
properties, and in notebooks, which do not: there the colour of the day follows the name.
"""

from __future__ import annotations

from typing import Literal

Tone = Literal["good", "half", "bad"]

DAY = {
    "paper": "#ffffff",
    "ink": "#1f2328",
    "faint": "#59636e",
    "line": "#d1d9e0",
    "shade": "#f6f8fa",
    "good": "#1a7f37",
    "half": "#9a6700",
    "bad": "#cf222e",
    "link": "#0969da",
    "hint": "#fff8c5",
    "wrong": "#ffcecb",
    "value1": "#eaeff5",  # values, the larger the darker
    "value2": "#d9e2ec",
    "value3": "#c3d0de",
    "over1": "#fde6cd",  # errors, the larger the stronger: too large is orange, too small is blue
    "over2": "#fbc180",
    "over3": "#f2922e",
    "under1": "#dcebfd",
    "under2": "#a6cef9",
    "under3": "#66acf5",
}
NIGHT = {
    "paper": "#0d1117",
    "ink": "#e6edf3",
    "faint": "#9198a1",
    "line": "#3d444d",
    "shade": "#151b23",
    "good": "#3fb950",
    "half": "#d29922",
    "bad": "#f85149",
    "link": "#4493f8",
    "hint": "#3a2f10",
    "wrong": "#5d1f1f",
    "value1": "#18202a",
    "value2": "#232e3b",
    "value3": "#324152",
    "over1": "#3a2813",
    "over2": "#653d0e",
    "over3": "#915407",
    "under1": "#13263b",
    "under2": "#153e69",
    "under3": "#17589c",
}


def colours() -> dict[str, str]:
    """Each colour as a value in CSS: the page's own, else the colour of the day."""
    return {name: f"var(--ag-{name}, {colour})" for name, colour in DAY.items()}


def custom_properties() -> str:
    """CSS that defines the colours of a page, for day and night.

    Boxes of older results use the names without ``ag-``.
    """
    day, night = (
        " ".join(f"--ag-{name}: {colour};" for name, colour in palette.items())
        for palette in (DAY, NIGHT)
    )
    older = " ".join(f"--{name}: var(--ag-{name});" for name in DAY)
    return (
        f":root {{ color-scheme: light dark; {day} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {night} }} }}\n"
        f".check {{ {older} }}"
    )
