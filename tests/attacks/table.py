"""Writes the tables of docs/security.md from the settings and from the assertions of the suite.

python -m tests.attacks.table
"""

from __future__ import annotations

import re
from pathlib import Path

from autograder.config.settings import Settings
from tests.attacks.kinds import Attack
from tests.attacks.suite import ATTACKS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "security.md"
ROWS = {
    1: "Results written by the submission; processes that end themselves",
    2: "Processes and hooks that outlive the end",
    3: "Forged scores, and the wall's own protocol",
    4: "Hooks of the shell",
    5: "Transformers of code",
    6: "Values that lie",
    7: "Patched libraries",
    8: "Reading the tests",
    9: "The gradebook",
    10: "Inputs, kept answers, seeds",
    11: "Pickles and weights",
    12: "Time",
    13: "Memory, processes, threads, disk, output",
    14: "Network, other processes, the kernel",
    15: "Odd values",
    16: "Forbidden functions",
    17: "Tampered test cells",
    18: "Broken and odd files",
    19: "Renamed files and copies",
    20: "Files beside the notebook",
    21: "HTML and script",
    22: "Accidents that cost nothing",
    23: "Modes that blind the observers",
    24: "Replies that depend on no secret",
    25: "Expected answers that are constants",
    26: "Output of hidden cases",
    27: "Private data",
    28: "Names that are patterns",
    30: "Limits that a user or a machine shares",
    31: "Sockets outside every namespace",
    32: "Budgets for reading and for pages",
    33: "Processes that end themselves and seem to be ended from outside",
}
LIMITS = (
    "cell_s", "submission_s", "cpu_s", "memory_mb", "processes", "threads", "sockets", "scratch_mb",
    "output_kb", "value_mb", "value_depth",
)  # fmt: skip


def limits_table() -> str:
    """The limits, as a Markdown table."""
    known = {name: (default, text) for name, default, text in Settings.table()}
    rows = [f"| `{name}` | {known[name][0]:g} | {known[name][1]} |" for name in LIMITS]
    return "\n".join(["| setting | default | limit |", "|---|---:|---|", *rows])


def attack_table() -> str:
    """Every attack with its result and the protection against it."""
    parts: list[str] = []
    for row, title in ROWS.items():
        parts += [
            f"### {row}. {title}",
            "",
            "| attack | result | protection |",
            "|---|---|---|",
        ]
        parts += [_line(attack) for attack in ATTACKS if attack.row == row]
        parts.append("")
    return "\n".join(parts).rstrip()


def _line(attack: Attack) -> str:
    return f"| {_safe(attack.name)} | {_safe(attack.happened)} | {_safe(attack.stops)} |"


def _safe(text: str) -> str:
    """Text for a cell of a table."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def filled(page: str) -> str:
    """The page with its generated parts made anew."""
    for name, made in (("limits", limits_table()), ("attacks", attack_table())):
        begin, end = (
            f"<!-- {name}: made by python -m tests.attacks.table -->",
            f"<!-- end of {name} -->",
        )
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        page = pattern.sub(lambda _: f"{begin}\n{made}\n{end}", page)  # noqa: B023
    return page


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text()))
