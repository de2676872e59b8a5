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

    def u(self, low, high, size=None):
        return self.rng.uniform(low, high, size)

    def whole(self, low, high):
        return self.rng.integers(low, high)

    def chance(self, share):
        return self.rng.random() < share

    def paint(self):
        return self.u(0.1, 0.95, 3)

    def tint(self, *choices):
        """Return one of the colours, a little changed."""
        chosen = np.array(choices[self.whole(0, len(choices))])
        return chosen * self.u(0.8, 1.2) + self.rng.normal(0, 0.04, 3)


WHITE, DARK, WOOD = (0.95, 0.95, 0.93), (0.15, 0.15, 0.18), (0.45, 0.3, 0.2)
GROUNDS = ((0.85, 0.75, 0.5), (0.4, 0.55, 0.25), (0.6, 0.5, 0.4), (0.9, 0.9, 0.92), (0.5, 0.5, 0.5))


def draw_sky(p, horizon):
    top = p.tint((0.45, 0.65, 0.9), (0.75, 0.78, 0.8), (0.9, 0.6, 0.4), (0.2, 0.22, 0.4))
    low = top + p.u(0, 0.3)
    for k in range(8):
        y = horizon * k / 8
        p.box(-1, y if k else -1, 2, horizon + 0.02, top + (low - top) * k / 8)
    for _ in range(p.whole(0, 4)):  # clouds
        x, y, tint = p.u(0, 1), p.u(0, horizon), low + p.u(-0.1, 0.2)
        for _ in range(3):
            p.disc(x, y, p.u(0.04, 0.14), p.u(0.02, 0.04), tint)
            x, y = x + p.rng.normal(0, 0.07), y + p.rng.normal(0, 0.01)
    if p.chance(0.3):
        size = p.u(0.02, 0.05)
        p.disc(p.u(0, 1), p.u(0, horizon), size, size, top + 0.35)


def draw_water(p, top, bottom=2.0):
    tint = p.tint((0.2, 0.45, 0.65), (0.3, 0.5, 0.5), (0.45, 0.5, 0.55), (0.15, 0.2, 0.35))
    p.box(-1, top, 2, bottom, tint)
    for _ in range(14):
        x, y = p.u(-0.2, 1.1), top + p.u(0.01, max(min(bottom, 1.1) - top, 0.02))
        length, bright = p.u(0.03, 0.15), tint + p.u(-0.1, 0.2)
        p.line(x, y, x + length, y, 0.012, bright)


def draw_ground(p, top):
    tint = p.tint(*GROUNDS)
    p.box(-1, top, 2, 2, tint)
    for _ in range(8):
        x, y = p.u(0, 1), p.u(top + 0.03, 1.1)
        p.disc(x, y, p.u(0.02, 0.12), p.u(0.01, 0.02), tint * p.u(0.8, 1.1))
    return tint


def draw_person(p, x, y, height):
    p.box(x - 0.16 * height, y - 0.78 * height, x + 0.16 * height, y - 0.3 * height, p.paint())
    p.box(x - 0.12 * height, y - 0.35 * height, x + 0.12 * height, y, p.paint())
    skin = p.tint((0.85, 0.65, 0.5), (0.5, 0.35, 0.25))
    p.disc(x, y - 0.88 * height, 0.11 * height, 0.12 * height, skin)


def draw_house(p, left, top, right, bottom, rows=None, columns=None):
    """Draw a front with windows in rows and columns, lit or dark."""
    wall = p.paint()
    p.box(left, top, right, bottom, wall)
    rows, columns = rows or p.whole(2, 5), columns or p.whole(2, 5)
    glass = wall * 0.4 if p.chance(0.6) else wall + 0.45
    high, wide = (bottom - top) / rows, (right - left) / columns
    for i in range(rows):
        for j in range(columns):
            y, x = top + (i + 0.25) * high, left + (j + 0.22) * wide
            p.box(x, y, x + 0.56 * wide, y + 0.5 * high, glass)


def draw_tree(p, x, y, height):
    p.box(x - 0.04 * height, y - 0.5 * height, x + 0.04 * height, y, p.tint(WOOD))
    green = p.tint((0.2, 0.4, 0.2), (0.45, 0.5, 0.2), (0.6, 0.4, 0.2))
    for _ in range(3):
        u, v = x + p.rng.normal(0, 0.1 * height), y - height * p.u(0.5, 0.9)
        p.disc(u, v, 0.22 * height, 0.18 * height, green * p.u(0.8, 1.2))


def draw_boat(p, x, y, size, mast=True):
    hull = p.paint()
    p.shape([(x - size, y - 0.3 * size), (x + size, y - 0.3 * size), (x + 0.7 * size, y + 0.1 * size),
                   (x - 0.7 * size, y + 0.1 * size)], hull)  # fmt: skip
    if mast:
        tall = p.u(1.6, 2.6) * size
        p.line(x, y - 0.3 * size, x, y - tall, 0.018, p.tint(WHITE, DARK, WOOD))
        if p.chance(0.6):
            sail = [
                (x + 0.1 * size, y - tall),
                (x + 0.1 * size, y - 0.5 * size),
                (x + 0.9 * size, y - 0.5 * size),
            ]
            p.shape(sail, p.tint(WHITE, (0.8, 0.3, 0.2), (0.9, 0.8, 0.5)))
    else:
        p.box(x - 0.4 * size, y - 0.7 * size, x + 0.2 * size, y - 0.3 * size, p.paint())


def draw_beach(p):
    horizon, shore = p.u(0.25, 0.45), p.u(0.5, 0.65)
    draw_sky(p, horizon)
    draw_water(p, horizon, shore)
    if p.chance(0.3):
        draw_boat(p, p.u(0.1, 0.9), horizon + 0.05, 0.06, p.chance(0.5))
    draw_ground(p, shore)
    wave = [(x, shore + 0.02 * np.sin(9 * x + p.u(0, 1))) for x in np.linspace(-0.3, 1.3, 16)]
    p.shape(wave + [(x, y + 0.025) for x, y in wave[::-1]], p.tint(WHITE))
    for _ in range(p.whole(2, 5)):  # parasols, their stripes, towels
        x, y, size = p.u(0, 1), p.u(shore, 0.95), p.u(0.09, 0.16)
        p.line(x, y, x + 0.1 * size, y - 1.5 * size, 0.015, p.tint(WHITE, WOOD))
        first, second = p.paint(), p.tint(WHITE)
        for part, tint in zip((1, 0.6, 0.2), (first, second, first), strict=True):
            p.disc(x, y - size, part * size, 0.8 * size, tint, upper_half=True)
        p.box(x + 0.3 * size, y, x + 1.4 * size, y + 0.25 * size, p.paint())
    for _ in range(p.whole(0, 4)):
        draw_person(p, p.u(0, 1), p.u(shore + 0.05, 1), p.u(0.1, 0.2))


def draw_room(p):
    """Draw the wall and the floor of a room, with a window or a picture; return where they meet."""
    floor, wall = p.u(0.6, 0.75), p.paint() * 0.4 + 0.5
    p.box(-1, -1, 2, floor, wall)
    wood = p.tint(WOOD, (0.65, 0.55, 0.45), (0.5, 0.5, 0.55), (0.75, 0.7, 0.65))
    p.box(-1, floor, 2, 2, wood)
    for x in np.linspace(-0.6, 1.6, p.whole(6, 12)):
        p.line(0.5 + 0.6 * (x - 0.5), floor, 0.5 + 1.6 * (x - 0.5), 1.3, 0.01, wood * 0.8)
    for _ in range(p.whole(0, 3)):
        x, y, wide, high = p.u(0, 0.8), p.u(0.05, 0.2), *p.u(0.12, 0.25, 2)
        p.box(x - 0.02, y - 0.02, x + wide + 0.02, y + high + 0.02, wall * 0.6)
        p.box(x, y, x + wide, y + high, p.paint())
    return floor


def draw_bedroom(p):
    floor = draw_room(p)
    x, wide = p.u(0.1, 0.3), p.u(0.4, 0.6)
    top, end = floor - p.u(0.15, 0.3), p.u(0.85, 1.0)
    frame, sheet, cover = p.tint(WOOD, DARK, WHITE), p.tint(WHITE), p.paint()
    spread = p.u(0.02, 0.15)
    p.box(x, top, x + wide, floor + 0.1, frame)  # headboard
    bed = [(x, floor - 0.03), (x + wide, floor - 0.03), (x + wide + spread, end), (x - spread, end)]
    p.shape(bed, cover)
    p.box(x - spread, end - 0.01, x + wide + spread, end + 0.08, cover * 0.6)
    p.box(x + 0.01, floor - 0.06, x + wide - 0.01, floor + 0.05, sheet * 0.9)
    for k in range(2):  # pillows
        p.disc(x + wide * (0.27 + 0.46 * k), floor - 0.05, wide * 0.2, 0.05, sheet)
    side = x + wide + 0.1 if p.chance(0.5) else x - 0.12
    p.box(side - 0.07, floor - 0.08, side + 0.07, floor + 0.1, frame * 0.8)
    p.line(side, floor - 0.08, side, floor - 0.2, 0.015, p.tint(DARK))
    lamp = [
        (side - 0.04, floor - 0.3),
        (side + 0.04, floor - 0.3),
        (side + 0.07, floor - 0.18),
        (side - 0.07, floor - 0.18),
    ]
    p.shape(lamp, p.tint((0.95, 0.9, 0.7), p.paint()))


def draw_kitchen(p):
    floor = draw_room(p)
    tile, counter = p.paint() * 0.3 + 0.6, floor - p.u(0.05, 0.12)
    p.box(-0.3, counter - 0.25, 1.3, counter, tile)
    for k in range(22):
        p.line(-0.3 + 0.075 * k, counter - 0.25, -0.3 + 0.075 * k, counter, 0.01, tile * 0.8)
    for k in range(4):
        p.line(-0.3, counter - 0.07 * k, 1.3, counter - 0.07 * k, 0.01, tile * 0.8)
    front, wide, start = p.paint(), p.u(0.17, 0.25), p.u(-0.3, -0.1)
    bottom = floor + p.u(0.08, 0.18)
    for k in range(8):  # cupboards below and above, with handles
        x = start + k * wide
        p.box(x, counter, x + wide, bottom, front * 0.6)
        p.box(x + 0.01, counter + 0.03, x + wide - 0.01, bottom - 0.01, front)
        p.box(x + wide - 0.05, counter + 0.06, x + wide - 0.03, counter + 0.14, front * 0.3)
        if p.chance(0.7):
            p.box(x, counter - 0.52, x + wide, counter - 0.27, front * 0.6)
            p.box(x + 0.01, counter - 0.51, x + wide - 0.01, counter - 0.28, front)
            p.box(x + wide - 0.05, counter - 0.38, x + wide - 0.03, counter - 0.3, front * 0.3)
    p.box(-0.3, counter - 0.015, 1.3, counter + 0.025, p.tint(WHITE, DARK, WOOD))
    x = p.u(0.15, 0.8)  # an oven with a pot on it
    p.box(x - 0.1, counter + 0.02, x + 0.1, bottom, p.tint(DARK, WHITE))
    p.box(x - 0.07, counter + 0.07, x + 0.07, bottom - 0.04, p.tint(DARK))
    for k in range(p.whole(1, 4)):
        u = x + 0.14 * (k - 1)
        p.box(u - 0.045, counter - 0.09, u + 0.045, counter - 0.015, p.paint())
        p.line(u - 0.06, counter - 0.09, u + 0.06, counter - 0.09, 0.015, p.tint(DARK))


def draw_bridge(p):
    horizon, deck = p.u(0.45, 0.6), p.u(0.35, 0.5)
    draw_sky(p, horizon)
    for k in range(6):
        if p.chance(0.4):
            draw_tree(p, k / 5, horizon + 0.02, p.u(0.1, 0.2))
    draw_water(p, horizon)
    stone = p.tint((0.6, 0.55, 0.5), (0.7, 0.25, 0.2), DARK, (0.8, 0.8, 0.8), (0.4, 0.5, 0.5))
    low = horizon + p.u(0.1, 0.2)
    if p.chance(0.5):  # arches
        span, start = p.u(0.22, 0.4), p.u(-0.5, -0.2)
        for k in range(9):
            x = start + k * span
            angles = np.linspace(np.pi, 0, 9)
            arch = [
                (x + span * (0.5 + 0.4 * np.cos(t)), low - (low - deck) * 0.75 * np.sin(t))
                for t in angles
            ]
            p.shape([(x, low), *arch, (x + span, low), (x + span, deck), (x, deck)], stone)
    else:  # two pylons and cables
        left, right, top = (p.u(0.1, 0.25), p.u(0.7, 0.9), deck - p.u(0.2, 0.32))
        for x in np.linspace(left, right, 11):
            sag = top + (deck - top - 0.02) * (1 - (2 * (x - left) / (right - left) - 1) ** 2)
            p.line(x, sag, x, deck, 0.008, stone)
        for x in np.linspace(left, right, 11)[:-1]:
            u = x + (right - left) / 10
            sags = [
                top + (deck - top - 0.02) * (1 - (2 * (v - left) / (right - left) - 1) ** 2)
                for v in (x, u)
            ]
            p.line(x, sags[0], u, sags[1], 0.016, stone)
        for x, u in ((left, left - 0.5), (right, right + 0.5)):
            p.line(x, top, u, deck, 0.016, stone)
            p.box(x - 0.02, top - 0.03, x + 0.02, low, stone * 0.9)
    p.box(-0.5, deck - 0.02, 1.5, deck + 0.03, stone * 0.85)
    if p.chance(0.3):
        draw_boat(p, p.u(0.1, 0.9), p.u(low + 0.05, 0.95), 0.08, False)


def draw_desert(p):
    horizon = p.u(0.3, 0.5)
    draw_sky(p, horizon)
    sand = draw_ground(p, horizon)
    for k in range(4):  # dunes, one side in the shade
        y, x = horizon + 0.05 + 0.16 * k, p.u(0, 1)
        wide, high = p.u(0.5, 0.9), p.u(0.1, 0.18)
        tint = sand * (0.9 + 0.06 * k)
        steps = np.linspace(0, 1, 8)
        left = [(x - wide * (1 - s), y + high * (1 - s**2)) for s in steps]
        right = [(x + wide * s, y + high * s**0.7) for s in steps]
        crest = [(x + 0.25 * wide * np.sin(3 * s), y + high * s) for s in steps]
        p.shape(left + crest[1:] + [(x - wide, y + high)], tint)
        p.shape(right + crest[::-1], tint * 0.72)
        p.box(-1, y + high - 0.01, 2, 2, tint)
    for _ in range(p.whole(1, 4)):  # cacti
        x, y, size = p.u(0.05, 0.95), p.u(0.6, 0.95), p.u(0.12, 0.25)
        green = p.tint((0.25, 0.4, 0.25), (0.4, 0.45, 0.25), DARK)
        p.line(x, y, x, y - size, 0.2 * size, green)
        for side in (-1, 1):
            u, v = x + side * 0.35 * size, y - p.u(0.35, 0.6) * size
            p.line(x, v, u, v, 0.15 * size, green)
            p.line(u, v + 0.07 * size, u, v - 0.35 * size, 0.15 * size, green)


def draw_field(p):
    horizon, vanish = p.u(0.3, 0.5), p.u(0.1, 0.9)
    draw_sky(p, horizon)
    for _ in range(p.whole(0, 4)):
        draw_tree(p, p.u(0, 1), horizon + 0.03, p.u(0.1, 0.2))
    if p.chance(0.4):
        x = p.u(0.1, 0.8)
        draw_house(p, x, horizon - 0.08, x + 0.15, horizon + 0.03)
    tint = draw_ground(p, horizon)
    crop = tint * p.u(0.55, 0.75) if p.chance(0.6) else tint + p.u(0.12, 0.3)
    gap, near = p.u(0.2, 0.4), p.u(0.3, 0.5)
    for k in range(-9, 10):  # furrows that meet at the horizon
        x = vanish + k * gap
        p.shape(
            [
                (vanish + k * gap * 0.08, horizon + 0.015),
                (x - gap * near / 2, 1.3),
                (x + gap * near / 2, 1.3),
            ],
            crop,
        )
    if p.chance(0.3):
        draw_person(p, p.u(0, 1), p.u(0.6, 0.9), p.u(0.1, 0.2))


def draw_forest(p):
    horizon = p.u(0.55, 0.7)
    draw_sky(p, horizon)
    green = p.tint((0.25, 0.4, 0.2), (0.5, 0.45, 0.2), (0.6, 0.35, 0.2), (0.6, 0.65, 0.65))
    for _ in range(10):
        p.disc(p.u(-0.1, 1.1), horizon - p.u(0, 0.2), 0.15, 0.12, green * p.u(0.5, 0.8))
    draw_ground(p, horizon)
    bark = p.tint(WOOD, (0.3, 0.25, 0.2), (0.75, 0.72, 0.68), (0.5, 0.45, 0.4))
    for depth in np.sort(p.u(0, 1, p.whole(9, 15))):
        x, y, wide = (p.u(-0.1, 1.1), horizon + 0.3 * depth, 0.02 + 0.06 * depth * p.u(0.7, 1.3))
        p.line(x, y, x + p.rng.normal(0, 0.03), -0.3, wide, bark * (0.5 + 0.5 * depth))
    for _ in range(16):
        x, y = p.u(-0.1, 1.1), p.u(-0.15, 0.22)
        p.disc(x, y, p.u(0.06, 0.14), p.u(0.05, 0.1), green * p.u(0.7, 1.3))


def draw_harbour(p):
    horizon = p.u(0.35, 0.5)
    draw_sky(p, horizon)
    x = p.u(-0.3, 0.2)
    while x < 1.2 and p.chance(0.85):
        wide = p.u(0.1, 0.25)
        draw_house(p, x, horizon - p.u(0.06, 0.16), x + wide, horizon + 0.02)
        x += wide
    draw_water(p, horizon)
    for y in np.sort(p.u(horizon + 0.1, 0.95, p.whole(4, 8))):
        draw_boat(p, p.u(0, 1), y, p.u(0.1, 0.17), p.chance(0.75))
    if p.chance(0.6):
        y = p.u(0.85, 1)
        p.box(-0.3, y, 1.3, 2, p.tint(*GROUNDS))  # the quay


def draw_lighthouse(p):
    horizon = p.u(0.5, 0.65)
    draw_sky(p, horizon)
    draw_water(p, horizon)
    if p.chance(0.4):
        draw_boat(p, p.u(0.05, 0.95), horizon + 0.08, 0.08, p.chance(0.7))
    x, y, rock = p.u(0.2, 0.8), horizon + p.u(0, 0.12), p.tint(*GROUNDS)
    cliff = [
        (u, y + 0.25 * abs(u - x) + p.u(-0.02, 0.04)) for u in np.linspace(x - 0.5, x + 0.6, 9)
    ]
    p.shape([*cliff, (x + 0.4, 1.05), (x - 0.4, 1.05)], rock * 0.8)
    wide, top = p.u(0.05, 0.08), y - p.u(0.35, 0.5)
    first, second, bands = p.paint(), p.tint(WHITE), p.whole(4, 7)
    for k in range(bands):
        low, high = y + (top - y) * k / bands, y + (top - y) * (k + 1) / bands
        a, b = wide * (1 - 0.4 * k / bands), wide * (1 - 0.4 * (k + 1) / bands)
        p.shape(
            [(x - a, low), (x + a, low), (x + b, high), (x - b, high)], first if k % 2 else second
        )
    p.box(x - wide * 0.85, top - 0.02, x + wide * 0.85, top, p.tint(DARK))
    p.box(x - wide * 0.45, top - 0.09, x + wide * 0.45, top - 0.02, p.tint((1, 0.95, 0.6), WHITE))
    p.shape(
        [(x - wide * 0.7, top - 0.09), (x + wide * 0.7, top - 0.09), (x, top - 0.15)], first * 0.7
    )
    if p.chance(0.5):
        draw_house(p, x + wide, y - 0.08, x + wide + 0.15, y + 0.03)


def draw_mountain(p):
    horizon = p.u(0.55, 0.7)
    draw_sky(p, horizon)
    rock = p.tint((0.45, 0.42, 0.45), (0.5, 0.4, 0.32), (0.35, 0.42, 0.5), (0.4, 0.45, 0.35))
    snow = p.tint(WHITE)
    for _ in range(p.whole(3, 6)):
        x, top = p.u(0, 1), p.u(0.08, 0.35)
        wide, tint = p.u(0.25, 0.45), rock * p.u(0.75, 1.1)
        lean = p.u(-0.1, 0.1)
        p.shape([(x, top), (x + wide, horizon + 0.02), (x - wide, horizon + 0.02)], tint)
        p.shape([(x, top), (x + wide, horizon + 0.02), (x + lean, horizon + 0.02)], tint * 0.7)
        s = p.u(0.2, 0.4)
        down = horizon - top
        zigzag = [
            (x + wide * s * u, top + down * s * (1 + v))
            for u, v in ((-1, 0), (-0.5, 0.35), (-0.1, -0.1), (0.4, 0.4), (1, 0))
        ]
        p.shape([(x, top), *zigzag], snow)
    if p.chance(0.4):
        draw_water(p, horizon)
    else:
        draw_ground(p, horizon)
    for _ in range(p.whole(0, 6)):
        draw_tree(p, p.u(0, 1), p.u(horizon + 0.03, 0.95), p.u(0.08, 0.2))


def draw_skyscraper(p):
    horizon = p.u(0.7, 0.85)
    draw_sky(p, horizon)
    for _ in range(p.whole(3, 7)):  # the town behind
        x = p.u(-0.1, 1)
        p.box(x, p.u(0.3, 0.6), x + p.u(0.1, 0.2), horizon, p.paint() * 0.6)
    draw_ground(p, horizon)
    for x in p.rng.permutation([0.0, 0.3, 0.6])[: p.whole(1, 4)] + p.u(0, 0.2):
        wide, top = p.u(0.15, 0.25), p.u(-0.05, 0.25)
        draw_house(p, x, top, x + wide, horizon + 0.05, p.whole(9, 14), p.whole(3, 6))
        if p.chance(0.5):
            p.line(x + wide / 2, top, x + wide / 2, top - 0.15, 0.015, p.tint(DARK, WHITE))
    for _ in range(p.whole(0, 5)):
        draw_tree(p, p.u(0, 1), p.u(horizon + 0.02, 1), p.u(0.08, 0.2))


def draw_street(p):
    x, y = p.u(0.35, 0.65), p.u(0.4, 0.55)
    draw_sky(p, y)
    road = p.tint((0.35, 0.35, 0.38), (0.55, 0.5, 0.48), (0.25, 0.25, 0.28))
    p.box(-1, y, 2, 2, road + 0.18)
    for side in (-1, 1):  # two rows of houses that shrink towards the vanishing point
        near, tall = 1.6, p.u(0.5, 0.8)
        while near > 0.15:
            far, wall = near * p.u(0.6, 0.75), p.paint()

            def place(depth, height, side=side):
                return (x + side * 0.55 * depth, y + 0.25 * depth - height * depth)

            high = tall * p.u(0.8, 1.3)
            p.shape([place(near, 0), place(near, high), place(far, high), place(far, 0)], wall)
            for i in (0.3, 0.65):
                for j in (0.15, 0.6):
                    a, b = far + (near - far) * j, far + (near - far) * (j + 0.25)
                    low, top = high * i, high * (i + 0.2)
                    p.shape(
                        [place(a, low), place(a, top), place(b, top), place(b, low)], wall * 0.4
                    )
            near = far
    p.shape([(x, y), (x - 0.55, 1.4), (x + 0.55, 1.4)], road)
    for k in range(5):
        a, b = y + 0.7 * 0.55**k, y + 0.7 * 0.55**k * 0.75
        p.shape(
            [
                (x - 0.04 * (a - y), a),
                (x + 0.04 * (a - y), a),
                (x + 0.04 * (b - y), b),
                (x - 0.04 * (b - y), b),
            ],
            p.tint(WHITE),
        )
    for _ in range(p.whole(0, 3)):  # cars
        depth, side = p.u(0.2, 0.5), p.rng.choice((-1, 1))
        u, v, size, paint = x + side * 0.25 * depth, y + depth, 0.28 * depth, p.paint()
        p.box(u - size / 2, v - 0.5 * size, u + size / 2, v, paint)
        p.box(u - 0.38 * size, v - 0.85 * size, u + 0.38 * size, v - 0.5 * size, paint * 0.5)
    for _ in range(p.whole(0, 3)):
        draw_person(p, p.u(0, 1), p.u(0.75, 0.95), p.u(0.12, 0.25))


DRAW = {
    "beach": draw_beach, "bedroom": draw_bedroom, "bridge": draw_bridge, "desert": draw_desert,
    "field": draw_field, "forest": draw_forest, "harbour": draw_harbour, "kitchen": draw_kitchen,
    "lighthouse": draw_lighthouse, "mountain": draw_mountain, "skyscraper": draw_skyscraper,
    "street": draw_street,
}  # fmt: skip


def draw_scene(name, rng, size=64):
    """Return a p of a scene, float32 (size, size, 3) in [0, 1].

    name: one of SCENES; rng: a numpy Generator, from which all that varies is drawn.
    """
    p = Picture(rng, size)
    DRAW[name.split("/")[-1]](p)
    if p.chance(0.4):  # somebody, or a post, in front
        x, y, height = p.u(0, 1), p.u(0.8, 1.2), p.u(0.3, 0.6)
        if p.chance(0.5):
            draw_person(p, x, y, height)
        else:
            p.box(x, y - 2 * height, x + p.u(0.02, 0.06), y, p.paint())
    image = np.asarray(p.image.reduce(2), dtype=np.float32) / 255
    light = p.rng.normal(0, 0.22, (3, 3)) + np.eye(3) * p.u(0.3, 1.2)  # mixes the colours
    light += (1 - light.sum(1, keepdims=True)) / 3  # but leaves grey as it is
    if p.chance(0.15):
        light[:] = 1 / 3
    image = (image - 0.5) @ light.astype(np.float32) * p.u(0.6, 1.2) + p.u(0.35, 0.65)
    ramp = np.linspace(-1, 1, size, dtype=np.float32)
    image += (
        p.rng.normal(0, 0.08) * ramp[None, :, None] + p.rng.normal(0, 0.08) * ramp[:, None, None]
    )
    image *= p.u(0.88, 1.12, 3).astype(np.float32)
    image += p.rng.standard_normal(image.shape, dtype=np.float32) * p.u(0.01, 0.06)
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
