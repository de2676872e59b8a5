"""Colours and ways to draw that the course's figures share."""

from contextlib import contextmanager

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

INK, GREY, PALE = "#1f2933", "#9aa5b1", "#e9edf1"
BLUE, ORANGE, RED, GREEN = "#0072B2", "#E69F00", "#C1121F", "#009E73"  # told apart by everyone
SIGNED = LinearSegmentedColormap.from_list("signed", [BLUE, "#ffffff", RED])  # below, at, above 0
PLAIN = LinearSegmentedColormap.from_list("plain", ["#ffffff", BLUE])  # from small to large


@contextmanager
def once_written(names):
    """Draw what stands below as soon as the functions named run; until then, say so in a line."""
    try:
        yield
    except NotImplementedError:
        plt.close("all")
        print(f"A figure appears here: write {names} first.")
    except Exception as error:
        plt.close("all")
        print(f"No figure yet, look at {names} again. {type(error).__name__}: {error}")


def draw_box(ax, row, col, height, width, colour, lw=3, **style):
    """Outline cells of a matrix or pixels of an image."""
    corner = (col - 0.5, row - 0.5)
    ax.add_patch(plt.Rectangle(corner, width, height, fill=False, ec=colour, lw=lw, **style))


def draw_numbers(ax, values, title="", fills=None, size=14, room=None):
    """Draw a small matrix with its numbers; fills gives each cell its colour (default: pale).

    room is the (rows, columns) to leave space for, so that matrices get cells of the same size.
    """
    values = np.asarray(values)
    for (i, j), value in np.ndenumerate(values):
        fill = PALE if fills is None else fills[i][j]
        ax.add_patch(plt.Rectangle((j - 0.5, i - 0.5), 1, 1, fc=fill, ec="white", lw=2))
        text = value if isinstance(value, str) else f"{value:.3g}".replace("-", "\N{MINUS SIGN}")
        ax.text(j, i, text, ha="center", va="center", color=INK, fontsize=size)
    rows, columns = values.shape
    high, wide = room or (rows, columns)
    y, x = (rows - 1) / 2, (columns - 1) / 2
    ax.set(xlim=(x - wide / 2 - 0.1, x + wide / 2 + 0.1), aspect="equal")
    ax.set(ylim=(y + high / 2 + 0.1, y - high / 2 - 0.1))
    ax.axis("off")
    ax.text(x, -0.7, title, ha="center", va="bottom")


def draw_cells(ax, rows, cols, colour, row=0.0, col=0.0):
    """Draw an empty grid of cells whose top-left cell is (row, col)."""
    for i, j in np.ndindex(rows, cols):
        corner = (col + j - 0.5, row + i - 0.5)
        ax.add_patch(plt.Rectangle(corner, 1, 1, fc=colour, ec="white", lw=1.5))


def draw_arrow(ax, start, end):
    """Draw an arrow between two (x, y) points."""
    ax.annotate("", end, start, arrowprops=dict(arrowstyle="-|>", color=INK, lw=1.5))


def draw_image(ax, image, title="", signed=False, top=None, cmap="gray"):
    """Draw an image in [0, 1] (grey or RGB) or, with signed, a map whose zeros are white.

    top: the number that gets the full colour; give it to maps that are to be compared.
    """
    image = np.asarray(image)
    if signed:
        top = top or np.abs(image).max() or 1.0
        limits = dict(cmap=SIGNED, vmin=-top, vmax=top)
    else:
        limits = dict(cmap=cmap, vmin=min(0, image.min()), vmax=top or max(1, image.max()))
    ax.imshow(image, interpolation="nearest", **limits)
    ax.set(xticks=[], yticks=[], title=title)
    ax.spines[:].set(visible=True, color=PALE)
