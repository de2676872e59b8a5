"""Rendered pictures of places, for machines without a data set: the same idea, and much smaller."""

from pathlib import Path

import numpy as np

SCENES = (
    "b/beach", "b/bridge", "c/castle", "c/coast", "d/desert", "f/forest", "h/harbor", "m/mountain",
    "p/pasture", "s/skyscraper", "s/snowfield", "v/volcano",
)  # fmt: skip


def draw_scene(name, rng, size=64):
    """Return a picture of a place, (size, size, 3), float32 in [0, 1].

    name: one of SCENES; rng: a numpy generator, which decides on everything that may vary.
    """
    y, x = (np.mgrid[:size, :size] + 0.5) / size
    kind = name.split("/")[-1]
    horizon = rng.uniform(0.42, 0.62)
    image = np.empty((size, size, 3))
    sky = np.array(rng.choice([(0.50, 0.72, 0.92), (0.62, 0.70, 0.80), (0.85, 0.68, 0.55)]))
    image[:] = sky + (1 - sky) * 0.6 * (y / horizon)[..., None].clip(0, 1)
    for _ in range(rng.integers(0, 4)):
        paint(image, blob(x, y, rng, rng.uniform(0, 0.3), 0.12), (0.95, 0.95, 0.96), rng)
    ground = y > horizon + 0.015 * np.sin(rng.uniform(4, 9) * x + rng.uniform(0, 6))
    draw_ground(image, kind, ground, horizon, x, y, rng)
    draw_things(image, kind, horizon, x, y, rng)
    light = rng.uniform(0.72, 1.12)
    tint = rng.normal(0, 0.03, 3)
    noisy = image * light + tint + rng.normal(0, 0.035, image.shape)
    if rng.random() < 0.5:
        noisy = noisy[:, ::-1]
    return noisy.clip(0, 1).astype(np.float32)


def draw_ground(image, kind, ground, horizon, x, y, rng):
    """Paint what lies below the horizon."""
    sand, sea, grass = (0.90, 0.80, 0.58), (0.18, 0.45, 0.62), (0.36, 0.60, 0.27)
    colours = {
        "beach": sand, "bridge": sea, "castle": grass, "coast": sea, "desert": (0.86, 0.68, 0.40),
        "forest": (0.24, 0.40, 0.18), "harbor": sea, "mountain": grass, "pasture": grass,
        "skyscraper": (0.45, 0.45, 0.47), "snowfield": (0.93, 0.95, 0.98),
        "volcano": (0.30, 0.27, 0.25),
    }  # fmt: skip
    paint(image, ground, colours[kind], rng)
    if kind == "beach":  # the sea between sky and sand
        shore = horizon + rng.uniform(0.08, 0.2) + 0.03 * np.sin(7 * x + rng.uniform(0, 6))
        paint(image, ground & (y < shore), sea, rng)
        paint(image, ground & (abs(y - shore) < 0.012), (0.95, 0.97, 0.98), rng)
    if colours[kind] == sea:
        waves = ((y * 40 + 2 * np.sin(9 * x + 20 * y)) % 4 < 0.8) & (rng.random(x.shape) < 0.7)
        paint(image, ground & waves, (0.45, 0.68, 0.80), rng)
    if kind == "coast":  # rocks on one side
        edge = rng.uniform(0.3, 0.5) + 0.25 * (y - horizon)
        rocks = (x < edge) & (y > horizon - 0.25 * (edge - x) / 0.4 - 0.03 * np.sin(25 * x))
        paint(image, rocks, (0.48, 0.42, 0.36), rng, 0.08)
    if kind == "desert":
        for _ in range(3):
            top = rng.uniform(horizon, 0.85) + 0.05 * np.sin(
                rng.uniform(4, 8) * x + rng.uniform(0, 6)
            )
            paint(image, (y > top) & (y < top + 0.03), (0.72, 0.53, 0.30), rng)


def draw_things(image, kind, horizon, x, y, rng):
    """Paint what stands there."""
    grey, green = (0.55, 0.55, 0.57), (0.15, 0.35, 0.14)
    if kind == "beach":
        for _ in range(rng.integers(1, 4)):
            u, v = rng.uniform(0.1, 0.9), rng.uniform(0.75, 0.92)
            paint(
                image, ((x - u) ** 2 + (y - v) ** 2 < 0.006) & (y < v), rng.uniform(0.2, 1, 3), rng
            )
            paint(image, (abs(x - u) < 0.01) & (y >= v) & (y < v + 0.1), (0.35, 0.25, 0.2), rng)
    elif kind == "bridge":
        deck = horizon - rng.uniform(0.02, 0.08)
        paint(image, abs(y - deck) < 0.025, (0.60, 0.25, 0.20), rng)
        for u in (0.25, 0.75):
            paint(image, (abs(x - u) < 0.025) & (abs(y - deck) < 0.22), (0.60, 0.25, 0.20), rng)
        cable = deck - 0.2 * ((x - 0.5) / 0.25) ** 2 * (abs(x - 0.5) < 0.25)
        paint(image, (abs(y - cable) < 0.012) & (abs(x - 0.5) < 0.25), (0.40, 0.20, 0.18), rng)
    elif kind == "castle":
        u, wide, top = (
            rng.uniform(0.3, 0.7),
            rng.uniform(0.14, 0.24),
            horizon - rng.uniform(0.12, 0.2),
        )
        walls = (abs(x - u) < wide) & (y > top) & (y < horizon + 0.08)
        paint(image, walls & ~((y < top + 0.03) & ((x * 24).astype(int) % 2 == 0)), grey, rng, 0.05)
        for side in (-1, 1):
            tower = abs(x - u - side * wide) < 0.05
            paint(image, tower & (y > top - 0.14) & (y < horizon + 0.08), (0.50, 0.48, 0.47), rng)
            roof = abs(x - u - side * wide) < 0.07 * (y - top + 0.26) / 0.12
            paint(image, roof & (y < top - 0.14), (0.55, 0.25, 0.20), rng)
    elif kind == "forest":
        for _ in range(rng.integers(14, 22)):
            u, foot, high = rng.random(), rng.uniform(horizon, 1), rng.uniform(0.3, 0.6)
            shade = np.array(green) * rng.uniform(0.7, 1.6)
            tree = (abs(x - u) < 0.28 * (y - foot + high)) & (y < foot)
            paint(image, tree & (abs(x - u) < 0.11), shade, rng, 0.05)
    elif kind == "harbor":
        for _ in range(rng.integers(3, 6)):
            u, v = rng.uniform(0.08, 0.92), rng.uniform(horizon + 0.03, 0.85)
            hull = (abs(x - u) < 0.09 - 0.6 * (y - v)) & (y > v) & (y < v + 0.05)
            paint(
                image,
                hull,
                rng.choice([(0.95, 0.95, 0.95), (0.6, 0.15, 0.15), (0.15, 0.2, 0.4)]),
                rng,
            )
            paint(image, (abs(x - u) < 0.008) & (y < v) & (y > v - 0.28), (0.35, 0.28, 0.22), rng)
    elif kind in ("mountain", "volcano"):
        for _ in range(3 if kind == "mountain" else 1):
            u, high = rng.uniform(0.25, 0.75), rng.uniform(0.25, 0.4)
            slope = rng.uniform(0.8, 1.3)
            peak = (y > horizon - high + slope * abs(x - u)) & (y < horizon + 0.02)
            paint(
                image,
                peak,
                (0.42, 0.40, 0.42) if kind == "mountain" else (0.33, 0.26, 0.24),
                rng,
                0.05,
            )
            cap = peak & (y < horizon - 0.72 * high + 0.02 * np.sin(40 * x))
            if kind == "mountain":
                paint(image, cap, (0.95, 0.96, 0.98), rng)
            else:
                paint(image, cap & (abs(x - u) < 0.05), (0.95, 0.35, 0.10), rng)
                smoke = ((x - u - 0.05) ** 2 + (y - horizon + high + 0.1) ** 2) < 0.015
                paint(image, smoke, (0.45, 0.43, 0.43), rng, 0.04)
    elif kind == "pasture":
        for _ in range(rng.integers(2, 6)):
            u, v = rng.uniform(0.1, 0.9), rng.uniform(horizon + 0.08, 0.9)
            paint(image, ((x - u) / 0.09) ** 2 + ((y - v) / 0.05) ** 2 < 1,
                  rng.choice([(0.9, 0.88, 0.85), (0.35, 0.22, 0.15)]), rng)  # fmt: skip
        paint(
            image,
            (abs(y - horizon - 0.05) < 0.008)
            | ((x * 9 % 1 < 0.08) & (abs(y - horizon - 0.05) < 0.04)),
            (0.5, 0.38, 0.28),
            rng,
        )
    elif kind == "skyscraper":
        for _ in range(rng.integers(4, 8)):
            u, wide, top = rng.random(), rng.uniform(0.05, 0.1), rng.uniform(0.05, horizon - 0.1)
            house = (abs(x - u) < wide) & (y > top) & (y < horizon + 0.1)
            paint(image, house, np.array(grey) * rng.uniform(0.6, 1.2), rng)
            windows = house & ((y - top) * 22 % 1 < 0.45) & ((x - u) * 26 % 1 < 0.5)
            paint(image, windows, rng.choice([(0.75, 0.85, 0.95), (0.95, 0.88, 0.6)]), rng)
    elif kind == "snowfield":
        for _ in range(rng.integers(1, 5)):
            u, foot, high = rng.random(), rng.uniform(horizon, 0.95), rng.uniform(0.12, 0.25)
            paint(image, (abs(x - u) < 0.3 * (y - foot + high)) & (y < foot), green, rng)


def blob(x, y, rng, v, wide):
    """Return where an oval lies, at the height v."""
    u, wide = rng.random(), wide * rng.uniform(0.5, 1.5)
    return ((x - u) / wide) ** 2 + ((y - v) / (0.35 * wide)) ** 2 < 1


def paint(image, where, colour, rng, rough=0.02):
    """Paint a part of an image in a colour, a little uneven."""
    image[where] = np.asarray(colour) + rng.normal(0, rough, (int(where.sum()), 1))


def make_scenes(root, per_class=(40, 10, 10), classes=SCENES, size=64, seed=0):
    """Draw pictures into a folder as miniPlaces has them: images/train/b/beach/00000001.jpg, ...

    per_class: how many of each class to train with, to validate with and to test with. Writes
    train.txt and val.txt (lines of path and label) and test.txt (paths). Returns the root.
    """
    import matplotlib.image

    root, rng = Path(root), np.random.default_rng(seed)
    for split, count in zip(("train", "val", "test"), per_class, strict=True):
        lines = []
        order = rng.permutation(np.repeat(np.arange(len(classes)), count))
        for number, label in enumerate(order.tolist(), 1):
            folder = f"train/{classes[label]}" if split == "train" else split
            path = f"{folder}/{number:08d}.jpg"
            (root / "images" / folder).mkdir(parents=True, exist_ok=True)
            matplotlib.image.imsave(root / "images" / path, draw_scene(classes[label], rng, size))
            lines.append(path if split == "test" else f"{path} {label}")
        (root / f"{split}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root
