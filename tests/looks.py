"""How a page looks in a browser: contrast, axe-core's rules, and the width of a phone."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SERIOUS = ("serious", "critical")


def weak_words(page: Page) -> list[Any]:
    """The words that do not stand out from their ground, with their contrast."""
    found: list[Any] = page.evaluate(_CONTRAST)
    return found


def serious_faults(page: Page) -> list[str]:
    """axe-core's serious and critical findings: the rule, and the first elements."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {[node['html'][:300] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in SERIOUS
    ]


def unfold(page: Page) -> None:
    """Open every folded part, so that it is looked at too."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")


def width_of(page: Page) -> int:
    """The width of the page in pixels; more than the window's means scrolling sideways."""
    width: int = page.evaluate("document.scrollingElement.scrollWidth")
    return width


# Every word against the first ground below it that is painted, by WCAG 2's formula: 4.5 is AA.
_CONTRAST = """() => {
    const parts = (text) => text.match(/[\\d.]+/g).map(Number);
    const light = (rgb) => {
        const [r, g, b] = rgb.slice(0, 3).map((v) => v / 255)
            .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (at) => {
        for (; at; at = at.parentElement) {
            const paint = parts(getComputedStyle(at).backgroundColor);
            if (paint.length < 4 || paint[3] === 1) return paint;
        }
        return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
    };
    const weak = [];
    for (const at of document.querySelectorAll("body *:not(script)")) {
        if (!at.getClientRects().length || !at.checkVisibility() || at.disabled) continue;
        if (![...at.childNodes].some((one) => one.nodeType === 3 && one.data.trim())) continue;
        const [a, b] = [light(parts(getComputedStyle(at).color)), light(ground(at))].sort();
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        const large = parseFloat(getComputedStyle(at).fontSize) >= 24;
        if (ratio < (large ? 3 : 4.5)) weak.push([at.textContent.trim().slice(0, 40), ratio]);
    }
    return weak;
}"""
