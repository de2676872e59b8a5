"""Draw the gain of an attacker without a better network, on the plain score and on the Ladder.

``python -m benchmarks.ladder_attack`` writes ``docs/ladder-attack.svg`` and prints a table.
"""

from __future__ import annotations

import math
from pathlib import Path

import matplotlib as mpl
import numpy as np

from tests.classroom.attackers import Gain, climb

PICTURES, SUBMISSIONS, SEEDS = 1000, 1000, 10
# flips a submission, number of classes, right at the start
ATTACKS = ((1, 10, 0.4), (2, 10, 0.4), (10, 10, 0.4), (2, 100, 0.4), (20, 2, 0.5), (100, 2, 0.5))


def gains(shown: str, flips: int, classes: int, right: float) -> list[Gain]:
    """Return the gain of the attack, for each seed."""
    return [
        climb(
            shown,
            flips=flips,
            submissions=SUBMISSIONS,
            seed=seed,
            classes=classes,
            right=right,
            pictures=PICTURES,
        )
        for seed in range(SEEDS)
    ]


def draw(path: Path) -> None:
    """Write the picture: the public gain after each submission, over one standard error."""
    mpl.use("svg")
    from matplotlib import pyplot as plt

    plt.rcParams |= {"svg.hashsalt": "ladder", "svg.fonttype": "none", "font.size": 11}
    figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
    error = 100 * math.sqrt(0.4 * 0.6 / PICTURES)
    axes.axhspan(0, error, color="0.9", label="one standard error")
    for shown, label, colour in (
        ("plain", "the plain public score", "#c0392b"),
        ("ladder", "the Ladder", "#1f6f8b"),
    ):
        runs = np.array([gain.history for gain in gains(shown, 2, 10, 0.4)])
        axes.plot(100 * runs.mean(axis=0), color=colour, label=label)
    axes.set_xlabel("submissions: two random flips each, what improves is kept")
    axes.set_ylabel("points gained on the board (%)")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper left")
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Draw, and print the table."""
    draw(Path(__file__).resolve().parents[1] / "docs" / "ladder-attack.svg")
    print("| classes | right at first | flips | plain score | Ladder | private, either way |")
    print("|---:|---:|---:|---:|---:|---:|")
    for flips, classes, right in ATTACKS:
        found = {shown: gains(shown, flips, classes, right) for shown in ("plain", "ladder")}
        plain, ladder = (100 * np.mean([g.public for g in found[k]]) for k in found)
        private = [100 * np.mean([g.private for g in found[k]]) for k in found]
        print(
            f"| {classes} | {right:.0%} | {flips} | +{plain:.1f} | +{ladder:.1f} "
            f"| {private[0]:+.1f}, {private[1]:+.1f} |"
        )


if __name__ == "__main__":
    main()
