"""Small scenes, drawn on the spot and kept in the layout of miniPlaces.

Every picture has its own viewpoint, light, colours, clutter and noise, and neighbouring classes share
their backgrounds: what tells a harbour from a beach is what stands in it, not its colour.
"""

import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SCENES = (
    "b/beach", "b/bedroom", "b/bridge", "d/desert", "f/field", "f/forest",
    "h/harbour", "k/kitchen", "l/lighthouse", "m/mountain", "s/skyscraper", "s/street",
)  # fmt: skip
SPLITS = ("train", "val", "test")


class Picture:
    """Draws shapes with a tilted, zoomed and perhaps mirrored camera; x and y run from 0 to 1."""

    def __init__(self, rng, size):
        self.rng, self.pixels = rng, 2 * size  # twice as large, so that edges come out smooth
        self.image = Image.new("RGB", (self.pixels, self.pixels))
        self.pen = ImageDraw.Draw(self.image)
        turn, zoom = rng.normal(0, 0.06), rng.uniform(0.85, 1.45)
        self.a, self.b = zoom * np.cos(turn), zoom * np.sin(turn)
        self.mirror = rng.choice((-1, 1))
        self.x, self.y = rng.uniform(-0.12, 0.12, 2)

    def shape(self, points, colour):
        """Fill a polygon of (x, y) points."""
        a, b, m, P = self.a, self.b, self.mirror, self.pixels
        dx, dy = self.x + 0.5, self.y + 0.5
        moved = [
            (
                P * (m * (a * (x - 0.5) - b * (y - 0.5)) + dx),
                P * (b * (x - 0.5) + a * (y - 0.5) + dy),
            )
            for x, y in points
        ]
        self.pen.polygon(moved, fill=tuple(int(255 * min(max(c, 0), 1)) for c in colour))

    def box(self, left, top, right, bottom, colour):
        self.shape([(left, top), (right, top), (right, bottom), (left, bottom)], colour)

    def line(self, x, y, u, v, width, colour):
        """Fill a bar from (x, y) to (u, v)."""
        length = ((u - x) ** 2 + (v - y) ** 2) ** 0.5 or 1.0
        p, q = (v - y) / length * width / 2, (x - u) / length * width / 2
        self.shape([(x - p, y - q), (x + p, y + q), (u + p, v + q), (u - p, v - q)], colour)

    def disc(self, x, y, width, height, colour, upper_half=False):
        angles = np.linspace(0, -np.pi if upper_half else 2 * np.pi, 15)
        points = zip(x + width * np.cos(angles), y + height * np.sin(angles), strict=True)
        self.shape(list(points), colour)


def colour(rng, *choices):
    """Return one of the colours, a little changed."""
    chosen = np.array(choices[rng.integers(len(choices))])
    return chosen * rng.uniform(0.8, 1.2) + rng.normal(0, 0.04, 3)


def any_colour(rng):
    return rng.uniform(0.1, 0.95, 3)


WHITE, DARK, WOOD = (0.95, 0.95, 0.93), (0.15, 0.15, 0.18), (0.45, 0.3, 0.2)
GROUNDS = ((0.85, 0.75, 0.5), (0.4, 0.55, 0.25), (0.6, 0.5, 0.4), (0.9, 0.9, 0.92), (0.5, 0.5, 0.5))


def draw_sky(picture, rng, horizon):
    top = colour(rng, (0.45, 0.65, 0.9), (0.75, 0.78, 0.8), (0.9, 0.6, 0.4), (0.2, 0.22, 0.4))
    low = top + rng.uniform(0, 0.3)
    for k in range(8):
        y = horizon * k / 8
        picture.box(-1, y if k else -1, 2, horizon + 0.02, top + (low - top) * k / 8)
    for _ in range(rng.integers(0, 4)):  # clouds
        x, y, tint = rng.uniform(0, 1), rng.uniform(0, horizon), low + rng.uniform(-0.1, 0.2)
        for _ in range(3):
            picture.disc(x, y, rng.uniform(0.04, 0.14), rng.uniform(0.02, 0.04), tint)
            x, y = x + rng.normal(0, 0.07), y + rng.normal(0, 0.01)
    if rng.random() < 0.3:
        size = rng.uniform(0.02, 0.05)
        picture.disc(rng.uniform(0, 1), rng.uniform(0, horizon), size, size, top + 0.35)


def draw_water(picture, rng, top, bottom=2.0):
    tint = colour(rng, (0.2, 0.45, 0.65), (0.3, 0.5, 0.5), (0.45, 0.5, 0.55), (0.15, 0.2, 0.35))
    picture.box(-1, top, 2, bottom, tint)
    for _ in range(14):
        x, y = rng.uniform(-0.2, 1.1), top + rng.uniform(0.01, max(min(bottom, 1.1) - top, 0.02))
        length, bright = rng.uniform(0.03, 0.15), tint + rng.uniform(-0.1, 0.2)
        picture.line(x, y, x + length, y, 0.012, bright)


def draw_ground(picture, rng, top):
    tint = colour(rng, *GROUNDS)
    picture.box(-1, top, 2, 2, tint)
    for _ in range(8):
        x, y = rng.uniform(0, 1), rng.uniform(top + 0.03, 1.1)
        picture.disc(
            x, y, rng.uniform(0.02, 0.12), rng.uniform(0.01, 0.02), tint * rng.uniform(0.8, 1.1)
        )
    return tint


def draw_person(picture, rng, x, y, height):
    picture.box(
        x - 0.16 * height, y - 0.78 * height, x + 0.16 * height, y - 0.3 * height, any_colour(rng)
    )
    picture.box(x - 0.12 * height, y - 0.35 * height, x + 0.12 * height, y, any_colour(rng))
    skin = colour(rng, (0.85, 0.65, 0.5), (0.5, 0.35, 0.25))
    picture.disc(x, y - 0.88 * height, 0.11 * height, 0.12 * height, skin)


def draw_house(picture, rng, left, top, right, bottom, rows=None, columns=None):
    """Draw a front with windows in rows and columns, lit or dark."""
    wall = any_colour(rng)
    picture.box(left, top, right, bottom, wall)
    rows, columns = rows or rng.integers(2, 5), columns or rng.integers(2, 5)
    glass = wall * 0.4 if rng.random() < 0.6 else wall + 0.45
    high, wide = (bottom - top) / rows, (right - left) / columns
    for i in range(rows):
        for j in range(columns):
            y, x = top + (i + 0.25) * high, left + (j + 0.22) * wide
            picture.box(x, y, x + 0.56 * wide, y + 0.5 * high, glass)


def draw_tree(picture, rng, x, y, height):
    picture.box(x - 0.04 * height, y - 0.5 * height, x + 0.04 * height, y, colour(rng, WOOD))
    green = colour(rng, (0.2, 0.4, 0.2), (0.45, 0.5, 0.2), (0.6, 0.4, 0.2))
    for _ in range(3):
        u, v = x + rng.normal(0, 0.1 * height), y - height * rng.uniform(0.5, 0.9)
        picture.disc(u, v, 0.22 * height, 0.18 * height, green * rng.uniform(0.8, 1.2))


def draw_boat(picture, rng, x, y, size, mast=True):
    hull = any_colour(rng)
    picture.shape([(x - size, y - 0.3 * size), (x + size, y - 0.3 * size), (x + 0.7 * size, y + 0.1 * size),
                   (x - 0.7 * size, y + 0.1 * size)], hull)  # fmt: skip
    if mast:
        tall = rng.uniform(1.6, 2.6) * size
        picture.line(x, y - 0.3 * size, x, y - tall, 0.018, colour(rng, WHITE, DARK, WOOD))
        if rng.random() < 0.6:
            sail = [
                (x + 0.1 * size, y - tall),
                (x + 0.1 * size, y - 0.5 * size),
                (x + 0.9 * size, y - 0.5 * size),
            ]
            picture.shape(sail, colour(rng, WHITE, (0.8, 0.3, 0.2), (0.9, 0.8, 0.5)))
    else:
        picture.box(x - 0.4 * size, y - 0.7 * size, x + 0.2 * size, y - 0.3 * size, any_colour(rng))


def draw_beach(picture, rng):
    horizon, shore = rng.uniform(0.25, 0.45), rng.uniform(0.5, 0.65)
    draw_sky(picture, rng, horizon)
    draw_water(picture, rng, horizon, shore)
    if rng.random() < 0.3:
        draw_boat(picture, rng, rng.uniform(0.1, 0.9), horizon + 0.05, 0.06, rng.random() < 0.5)
    draw_ground(picture, rng, shore)
    wave = [
        (x, shore + 0.02 * np.sin(9 * x + rng.uniform(0, 1))) for x in np.linspace(-0.3, 1.3, 16)
    ]
    picture.shape(wave + [(x, y + 0.025) for x, y in wave[::-1]], colour(rng, WHITE))
    for _ in range(rng.integers(2, 5)):  # parasols, their stripes, towels
        x, y, size = rng.uniform(0, 1), rng.uniform(shore, 0.95), rng.uniform(0.09, 0.16)
        picture.line(x, y, x + 0.1 * size, y - 1.5 * size, 0.015, colour(rng, WHITE, WOOD))
        first, second = any_colour(rng), colour(rng, WHITE)
        for part, tint in zip((1, 0.6, 0.2), (first, second, first), strict=True):
            picture.disc(x, y - size, part * size, 0.8 * size, tint, upper_half=True)
        picture.box(x + 0.3 * size, y, x + 1.4 * size, y + 0.25 * size, any_colour(rng))
    for _ in range(rng.integers(0, 4)):
        draw_person(
            picture, rng, rng.uniform(0, 1), rng.uniform(shore + 0.05, 1), rng.uniform(0.1, 0.2)
        )


def draw_room(picture, rng):
    """Draw the wall and the floor of a room, with a window or a picture; return where they meet."""
    floor, wall = rng.uniform(0.6, 0.75), any_colour(rng) * 0.4 + 0.5
    picture.box(-1, -1, 2, floor, wall)
    wood = colour(rng, WOOD, (0.65, 0.55, 0.45), (0.5, 0.5, 0.55), (0.75, 0.7, 0.65))
    picture.box(-1, floor, 2, 2, wood)
    for x in np.linspace(-0.6, 1.6, rng.integers(6, 12)):
        picture.line(0.5 + 0.6 * (x - 0.5), floor, 0.5 + 1.6 * (x - 0.5), 1.3, 0.01, wood * 0.8)
    for _ in range(rng.integers(0, 3)):
        x, y, wide, high = rng.uniform(0, 0.8), rng.uniform(0.05, 0.2), *rng.uniform(0.12, 0.25, 2)
        picture.box(x - 0.02, y - 0.02, x + wide + 0.02, y + high + 0.02, wall * 0.6)
        picture.box(x, y, x + wide, y + high, any_colour(rng))
    return floor


def draw_bedroom(picture, rng):
    floor = draw_room(picture, rng)
    x, wide = rng.uniform(0.1, 0.3), rng.uniform(0.4, 0.6)
    top, end = floor - rng.uniform(0.15, 0.3), rng.uniform(0.85, 1.0)
    frame, sheet, cover = colour(rng, WOOD, DARK, WHITE), colour(rng, WHITE), any_colour(rng)
    spread = rng.uniform(0.02, 0.15)
    picture.box(x, top, x + wide, floor + 0.1, frame)  # headboard
    bed = [(x, floor - 0.03), (x + wide, floor - 0.03), (x + wide + spread, end), (x - spread, end)]
    picture.shape(bed, cover)
    picture.box(x - spread, end - 0.01, x + wide + spread, end + 0.08, cover * 0.6)
    picture.box(x + 0.01, floor - 0.06, x + wide - 0.01, floor + 0.05, sheet * 0.9)
    for k in range(2):  # pillows
        picture.disc(x + wide * (0.27 + 0.46 * k), floor - 0.05, wide * 0.2, 0.05, sheet)
    side = x + wide + 0.1 if rng.random() < 0.5 else x - 0.12
    picture.box(side - 0.07, floor - 0.08, side + 0.07, floor + 0.1, frame * 0.8)
    picture.line(side, floor - 0.08, side, floor - 0.2, 0.015, colour(rng, DARK))
    lamp = [
        (side - 0.04, floor - 0.3),
        (side + 0.04, floor - 0.3),
        (side + 0.07, floor - 0.18),
        (side - 0.07, floor - 0.18),
    ]
    picture.shape(lamp, colour(rng, (0.95, 0.9, 0.7), any_colour(rng)))


def draw_kitchen(picture, rng):
    floor = draw_room(picture, rng)
    tile, counter = any_colour(rng) * 0.3 + 0.6, floor - rng.uniform(0.05, 0.12)
    picture.box(-0.3, counter - 0.25, 1.3, counter, tile)
    for k in range(22):
        picture.line(-0.3 + 0.075 * k, counter - 0.25, -0.3 + 0.075 * k, counter, 0.01, tile * 0.8)
    for k in range(4):
        picture.line(-0.3, counter - 0.07 * k, 1.3, counter - 0.07 * k, 0.01, tile * 0.8)
    front, wide, start = any_colour(rng), rng.uniform(0.17, 0.25), rng.uniform(-0.3, -0.1)
    bottom = floor + rng.uniform(0.08, 0.18)
    for k in range(8):  # cupboards below and above, with handles
        x = start + k * wide
        picture.box(x, counter, x + wide, bottom, front * 0.6)
        picture.box(x + 0.01, counter + 0.03, x + wide - 0.01, bottom - 0.01, front)
        picture.box(x + wide - 0.05, counter + 0.06, x + wide - 0.03, counter + 0.14, front * 0.3)
        if rng.random() < 0.7:
            picture.box(x, counter - 0.52, x + wide, counter - 0.27, front * 0.6)
            picture.box(x + 0.01, counter - 0.51, x + wide - 0.01, counter - 0.28, front)
            picture.box(
                x + wide - 0.05, counter - 0.38, x + wide - 0.03, counter - 0.3, front * 0.3
            )
    picture.box(-0.3, counter - 0.015, 1.3, counter + 0.025, colour(rng, WHITE, DARK, WOOD))
    x = rng.uniform(0.15, 0.8)  # an oven with a pot on it
    picture.box(x - 0.1, counter + 0.02, x + 0.1, bottom, colour(rng, DARK, WHITE))
    picture.box(x - 0.07, counter + 0.07, x + 0.07, bottom - 0.04, colour(rng, DARK))
    for k in range(rng.integers(1, 4)):
        u = x + 0.14 * (k - 1)
        picture.box(u - 0.045, counter - 0.09, u + 0.045, counter - 0.015, any_colour(rng))
        picture.line(u - 0.06, counter - 0.09, u + 0.06, counter - 0.09, 0.015, colour(rng, DARK))


def draw_bridge(picture, rng):
    horizon, deck = rng.uniform(0.45, 0.6), rng.uniform(0.35, 0.5)
    draw_sky(picture, rng, horizon)
    for k in range(6):
        if rng.random() < 0.4:
            draw_tree(picture, rng, k / 5, horizon + 0.02, rng.uniform(0.1, 0.2))
    draw_water(picture, rng, horizon)
    stone = colour(rng, (0.6, 0.55, 0.5), (0.7, 0.25, 0.2), DARK, (0.8, 0.8, 0.8), (0.4, 0.5, 0.5))
    low = horizon + rng.uniform(0.1, 0.2)
    if rng.random() < 0.5:  # arches
        span, start = rng.uniform(0.22, 0.4), rng.uniform(-0.5, -0.2)
        for k in range(9):
            x = start + k * span
            angles = np.linspace(np.pi, 0, 9)
            arch = [
                (x + span * (0.5 + 0.4 * np.cos(t)), low - (low - deck) * 0.75 * np.sin(t))
                for t in angles
            ]
            picture.shape([(x, low), *arch, (x + span, low), (x + span, deck), (x, deck)], stone)
    else:  # two pylons and cables
        left, right, top = (
            rng.uniform(0.1, 0.25),
            rng.uniform(0.7, 0.9),
            deck - rng.uniform(0.2, 0.32),
        )
        for x in np.linspace(left, right, 11):
            sag = top + (deck - top - 0.02) * (1 - (2 * (x - left) / (right - left) - 1) ** 2)
            picture.line(x, sag, x, deck, 0.008, stone)
        for x in np.linspace(left, right, 11)[:-1]:
            u = x + (right - left) / 10
            sags = [
                top + (deck - top - 0.02) * (1 - (2 * (v - left) / (right - left) - 1) ** 2)
                for v in (x, u)
            ]
            picture.line(x, sags[0], u, sags[1], 0.016, stone)
        for x, u in ((left, left - 0.5), (right, right + 0.5)):
            picture.line(x, top, u, deck, 0.016, stone)
            picture.box(x - 0.02, top - 0.03, x + 0.02, low, stone * 0.9)
    picture.box(-0.5, deck - 0.02, 1.5, deck + 0.03, stone * 0.85)
    if rng.random() < 0.3:
        draw_boat(picture, rng, rng.uniform(0.1, 0.9), rng.uniform(low + 0.05, 0.95), 0.08, False)


def draw_desert(picture, rng):
    horizon = rng.uniform(0.3, 0.5)
    draw_sky(picture, rng, horizon)
    sand = draw_ground(picture, rng, horizon)
    for k in range(4):  # dunes, one side in the shade
        y, x = horizon + 0.05 + 0.16 * k, rng.uniform(0, 1)
        wide, high = rng.uniform(0.5, 0.9), rng.uniform(0.1, 0.18)
        tint = sand * (0.9 + 0.06 * k)
        steps = np.linspace(0, 1, 8)
        left = [(x - wide * (1 - s), y + high * (1 - s**2)) for s in steps]
        right = [(x + wide * s, y + high * s**0.7) for s in steps]
        crest = [(x + 0.25 * wide * np.sin(3 * s), y + high * s) for s in steps]
        picture.shape(left + crest[1:] + [(x - wide, y + high)], tint)
        picture.shape(right + crest[::-1], tint * 0.72)
        picture.box(-1, y + high - 0.01, 2, 2, tint)
    for _ in range(rng.integers(1, 4)):  # cacti
        x, y, size = rng.uniform(0.05, 0.95), rng.uniform(0.6, 0.95), rng.uniform(0.12, 0.25)
        green = colour(rng, (0.25, 0.4, 0.25), (0.4, 0.45, 0.25), DARK)
        picture.line(x, y, x, y - size, 0.2 * size, green)
        for side in (-1, 1):
            u, v = x + side * 0.35 * size, y - rng.uniform(0.35, 0.6) * size
            picture.line(x, v, u, v, 0.15 * size, green)
            picture.line(u, v + 0.07 * size, u, v - 0.35 * size, 0.15 * size, green)


def draw_field(picture, rng):
    horizon, vanish = rng.uniform(0.3, 0.5), rng.uniform(0.1, 0.9)
    draw_sky(picture, rng, horizon)
    for _ in range(rng.integers(0, 4)):
        draw_tree(picture, rng, rng.uniform(0, 1), horizon + 0.03, rng.uniform(0.1, 0.2))
    if rng.random() < 0.4:
        x = rng.uniform(0.1, 0.8)
        draw_house(picture, rng, x, horizon - 0.08, x + 0.15, horizon + 0.03)
    tint = draw_ground(picture, rng, horizon)
    crop = tint * rng.uniform(0.55, 0.75) if rng.random() < 0.6 else tint + rng.uniform(0.12, 0.3)
    gap, near = rng.uniform(0.2, 0.4), rng.uniform(0.3, 0.5)
    for k in range(-9, 10):  # furrows that meet at the horizon
        x = vanish + k * gap
        picture.shape(
            [
                (vanish + k * gap * 0.08, horizon + 0.015),
                (x - gap * near / 2, 1.3),
                (x + gap * near / 2, 1.3),
            ],
            crop,
        )
    if rng.random() < 0.3:
        draw_person(picture, rng, rng.uniform(0, 1), rng.uniform(0.6, 0.9), rng.uniform(0.1, 0.2))


def draw_forest(picture, rng):
    horizon = rng.uniform(0.55, 0.7)
    draw_sky(picture, rng, horizon)
    green = colour(rng, (0.25, 0.4, 0.2), (0.5, 0.45, 0.2), (0.6, 0.35, 0.2), (0.6, 0.65, 0.65))
    for _ in range(10):
        picture.disc(
            rng.uniform(-0.1, 1.1),
            horizon - rng.uniform(0, 0.2),
            0.15,
            0.12,
            green * rng.uniform(0.5, 0.8),
        )
    draw_ground(picture, rng, horizon)
    bark = colour(rng, WOOD, (0.3, 0.25, 0.2), (0.75, 0.72, 0.68), (0.5, 0.45, 0.4))
    for depth in np.sort(rng.uniform(0, 1, rng.integers(9, 15))):
        x, y, wide = (
            rng.uniform(-0.1, 1.1),
            horizon + 0.3 * depth,
            0.02 + 0.06 * depth * rng.uniform(0.7, 1.3),
        )
        picture.line(x, y, x + rng.normal(0, 0.03), -0.3, wide, bark * (0.5 + 0.5 * depth))
    for _ in range(16):
        x, y = rng.uniform(-0.1, 1.1), rng.uniform(-0.15, 0.22)
        picture.disc(
            x, y, rng.uniform(0.06, 0.14), rng.uniform(0.05, 0.1), green * rng.uniform(0.7, 1.3)
        )


def draw_harbour(picture, rng):
    horizon = rng.uniform(0.35, 0.5)
    draw_sky(picture, rng, horizon)
    x = rng.uniform(-0.3, 0.2)
    while x < 1.2 and rng.random() < 0.85:
        wide = rng.uniform(0.1, 0.25)
        draw_house(picture, rng, x, horizon - rng.uniform(0.06, 0.16), x + wide, horizon + 0.02)
        x += wide
    draw_water(picture, rng, horizon)
    for y in np.sort(rng.uniform(horizon + 0.1, 0.95, rng.integers(4, 8))):
        draw_boat(picture, rng, rng.uniform(0, 1), y, rng.uniform(0.1, 0.17), rng.random() < 0.75)
    if rng.random() < 0.6:
        y = rng.uniform(0.85, 1)
        picture.box(-0.3, y, 1.3, 2, colour(rng, *GROUNDS))  # the quay


def draw_lighthouse(picture, rng):
    horizon = rng.uniform(0.5, 0.65)
    draw_sky(picture, rng, horizon)
    draw_water(picture, rng, horizon)
    if rng.random() < 0.4:
        draw_boat(picture, rng, rng.uniform(0.05, 0.95), horizon + 0.08, 0.08, rng.random() < 0.7)
    x, y, rock = rng.uniform(0.2, 0.8), horizon + rng.uniform(0, 0.12), colour(rng, *GROUNDS)
    cliff = [
        (u, y + 0.25 * abs(u - x) + rng.uniform(-0.02, 0.04))
        for u in np.linspace(x - 0.5, x + 0.6, 9)
    ]
    picture.shape([*cliff, (x + 0.4, 1.05), (x - 0.4, 1.05)], rock * 0.8)
    wide, top = rng.uniform(0.05, 0.08), y - rng.uniform(0.35, 0.5)
    first, second, bands = any_colour(rng), colour(rng, WHITE), rng.integers(4, 7)
    for k in range(bands):
        low, high = y + (top - y) * k / bands, y + (top - y) * (k + 1) / bands
        a, b = wide * (1 - 0.4 * k / bands), wide * (1 - 0.4 * (k + 1) / bands)
        picture.shape(
            [(x - a, low), (x + a, low), (x + b, high), (x - b, high)], first if k % 2 else second
        )
    picture.box(x - wide * 0.85, top - 0.02, x + wide * 0.85, top, colour(rng, DARK))
    picture.box(
        x - wide * 0.45, top - 0.09, x + wide * 0.45, top - 0.02, colour(rng, (1, 0.95, 0.6), WHITE)
    )
    picture.shape(
        [(x - wide * 0.7, top - 0.09), (x + wide * 0.7, top - 0.09), (x, top - 0.15)], first * 0.7
    )
    if rng.random() < 0.5:
        draw_house(picture, rng, x + wide, y - 0.08, x + wide + 0.15, y + 0.03)


def draw_mountain(picture, rng):
    horizon = rng.uniform(0.55, 0.7)
    draw_sky(picture, rng, horizon)
    rock = colour(rng, (0.45, 0.42, 0.45), (0.5, 0.4, 0.32), (0.35, 0.42, 0.5), (0.4, 0.45, 0.35))
    snow = colour(rng, WHITE)
    for k in range(rng.integers(3, 6)):
        x, top = rng.uniform(0, 1), rng.uniform(0.08, 0.35)
        wide, tint = rng.uniform(0.25, 0.45), rock * rng.uniform(0.75, 1.1)
        lean = rng.uniform(-0.1, 0.1)
        picture.shape([(x, top), (x + wide, horizon + 0.02), (x - wide, horizon + 0.02)], tint)
        picture.shape(
            [(x, top), (x + wide, horizon + 0.02), (x + lean, horizon + 0.02)], tint * 0.7
        )
        s = rng.uniform(0.2, 0.4)
        down = horizon - top
        zigzag = [
            (x + wide * s * u, top + down * s * (1 + v))
            for u, v in ((-1, 0), (-0.5, 0.35), (-0.1, -0.1), (0.4, 0.4), (1, 0))
        ]
        picture.shape([(x, top), *zigzag], snow)
    if rng.random() < 0.4:
        draw_water(picture, rng, horizon)
    else:
        draw_ground(picture, rng, horizon)
    for _ in range(rng.integers(0, 6)):
        draw_tree(
            picture,
            rng,
            rng.uniform(0, 1),
            rng.uniform(horizon + 0.03, 0.95),
            rng.uniform(0.08, 0.2),
        )


def draw_skyscraper(picture, rng):
    horizon = rng.uniform(0.7, 0.85)
    draw_sky(picture, rng, horizon)
    for _ in range(rng.integers(3, 7)):  # the town behind
        x = rng.uniform(-0.1, 1)
        picture.box(
            x, rng.uniform(0.3, 0.6), x + rng.uniform(0.1, 0.2), horizon, any_colour(rng) * 0.6
        )
    draw_ground(picture, rng, horizon)
    for x in rng.permutation([0.0, 0.3, 0.6])[: rng.integers(1, 4)] + rng.uniform(0, 0.2):
        wide, top = rng.uniform(0.15, 0.25), rng.uniform(-0.05, 0.25)
        draw_house(
            picture, rng, x, top, x + wide, horizon + 0.05, rng.integers(9, 14), rng.integers(3, 6)
        )
        if rng.random() < 0.5:
            picture.line(
                x + wide / 2, top, x + wide / 2, top - 0.15, 0.015, colour(rng, DARK, WHITE)
            )
    for _ in range(rng.integers(0, 5)):
        draw_tree(
            picture, rng, rng.uniform(0, 1), rng.uniform(horizon + 0.02, 1), rng.uniform(0.08, 0.2)
        )


def draw_street(picture, rng):
    x, y = rng.uniform(0.35, 0.65), rng.uniform(0.4, 0.55)
    draw_sky(picture, rng, y)
    road = colour(rng, (0.35, 0.35, 0.38), (0.55, 0.5, 0.48), (0.25, 0.25, 0.28))
    picture.box(-1, y, 2, 2, road + 0.18)
    for side in (-1, 1):  # two rows of houses that shrink towards the vanishing point
        near, tall = 1.6, rng.uniform(0.5, 0.8)
        while near > 0.15:
            far, wall = near * rng.uniform(0.6, 0.75), any_colour(rng)

            def place(depth, height, side=side):
                return (x + side * 0.55 * depth, y + 0.25 * depth - height * depth)

            high = tall * rng.uniform(0.8, 1.3)
            picture.shape(
                [place(near, 0), place(near, high), place(far, high), place(far, 0)], wall
            )
            for i in (0.3, 0.65):
                for j in (0.15, 0.6):
                    a, b = far + (near - far) * j, far + (near - far) * (j + 0.25)
                    low, top = high * i, high * (i + 0.2)
                    picture.shape(
                        [place(a, low), place(a, top), place(b, top), place(b, low)], wall * 0.4
                    )
            near = far
    picture.shape([(x, y), (x - 0.55, 1.4), (x + 0.55, 1.4)], road)
    for k in range(5):
        a, b = y + 0.7 * 0.55**k, y + 0.7 * 0.55**k * 0.75
        picture.shape(
            [
                (x - 0.04 * (a - y), a),
                (x + 0.04 * (a - y), a),
                (x + 0.04 * (b - y), b),
                (x - 0.04 * (b - y), b),
            ],
            colour(rng, WHITE),
        )
    for _ in range(rng.integers(0, 3)):  # cars
        depth, side = rng.uniform(0.2, 0.5), rng.choice((-1, 1))
        u, v, size, paint = x + side * 0.25 * depth, y + depth, 0.28 * depth, any_colour(rng)
        picture.box(u - size / 2, v - 0.5 * size, u + size / 2, v, paint)
        picture.box(u - 0.38 * size, v - 0.85 * size, u + 0.38 * size, v - 0.5 * size, paint * 0.5)
    for _ in range(rng.integers(0, 3)):
        draw_person(
            picture, rng, rng.uniform(0, 1), rng.uniform(0.75, 0.95), rng.uniform(0.12, 0.25)
        )


DRAW = {
    "beach": draw_beach, "bedroom": draw_bedroom, "bridge": draw_bridge, "desert": draw_desert,
    "field": draw_field, "forest": draw_forest, "harbour": draw_harbour, "kitchen": draw_kitchen,
    "lighthouse": draw_lighthouse, "mountain": draw_mountain, "skyscraper": draw_skyscraper,
    "street": draw_street,
}  # fmt: skip


def draw_scene(name, rng, size=64):
    """Return a picture of a scene, float32 (size, size, 3) in [0, 1].

    name: one of SCENES; rng: a numpy Generator, from which all that varies is drawn.
    """
    picture = Picture(rng, size)
    DRAW[name.split("/")[-1]](picture, rng)
    if rng.random() < 0.4:  # somebody, or a post, in front
        x, y, height = rng.uniform(0, 1), rng.uniform(0.8, 1.2), rng.uniform(0.3, 0.6)
        if rng.random() < 0.5:
            draw_person(picture, rng, x, y, height)
        else:
            picture.box(x, y - 2 * height, x + rng.uniform(0.02, 0.06), y, any_colour(rng))
    image = np.asarray(picture.image.reduce(2), dtype=np.float32) / 255
    light = rng.normal(0, 0.22, (3, 3)) + np.eye(3) * rng.uniform(0.3, 1.2)  # mixes the colours
    light += (1 - light.sum(1, keepdims=True)) / 3  # but leaves grey as it is
    if rng.random() < 0.15:
        light[:] = 1 / 3
    image = (image - 0.5) @ light.astype(np.float32) * rng.uniform(0.6, 1.2) + rng.uniform(
        0.35, 0.65
    )
    ramp = np.linspace(-1, 1, size, dtype=np.float32)
    image += rng.normal(0, 0.08) * ramp[None, :, None] + rng.normal(0, 0.08) * ramp[:, None, None]
    image *= rng.uniform(0.88, 1.12, 3).astype(np.float32)
    image += rng.standard_normal(image.shape, dtype=np.float32) * rng.uniform(0.01, 0.06)
    return image.clip(0, 1)


def make_scenes(root, per_class=(100, 20, 20), classes=SCENES, size=64, seed=0):
    """Draw a data set in the layout of miniPlaces and return its folder; at once if it is there.

    per_class: the number of pictures of each class in train, val and test. The same seed gives the
    same pictures, whatever their number.
    """
    root, classes, per_class = Path(root), tuple(classes), tuple(per_class)
    wanted = dict(per_class=list(per_class), classes=list(classes), size=size, seed=seed)
    stamp, lists = root / "scenes.json", [root / f"{split}.txt" for split in SPLITS]
    if stamp.exists() and json.loads(stamp.read_text()) == wanted:
        return root
    if not stamp.exists() and any(path.exists() for path in lists):
        raise ValueError(f"{root} holds other data: give scenes a folder of their own")
    root.mkdir(parents=True, exist_ok=True)
    stamp.write_text("{}")
    for number, (split, count) in enumerate(zip(SPLITS, per_class, strict=True)):
        which = [(label, k) for label in range(len(classes)) for k in range(count)]
        if split != "train":
            which = [
                which[i] for i in np.random.default_rng([seed, number]).permutation(len(which))
            ]
        lines = []
        for place, (label, k) in enumerate(which, start=1):
            name, folder = (f"{k + 1:08d}.jpg", f"{split}/{classes[label]}")
            if split != "train":
                name, folder = f"{place:08d}.jpg", split
            known = SCENES.index(classes[label])
            image = draw_scene(
                classes[label], np.random.default_rng([seed, number, known, k]), size
            )
            path = root / "images" / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray((255 * image).round().astype(np.uint8)).save(path, quality=92)
            lines.append(f"{folder}/{name}" + (f" {label}" if split != "test" else ""))
        lists[number].write_text("\n".join(lines) + "\n")
    stamp.write_text(json.dumps(wanted))
    return root
