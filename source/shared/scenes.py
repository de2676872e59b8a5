"""STAND-IN."""
import numpy as np
SCENES = ("b/beach", "c/castle", "c/coast", "d/desert", "f/forest", "h/harbor", "m/mountain", "s/skyscraper", "s/snowfield", "p/pasture")


def draw_scene(name, rng, size=64):
    """Return a picture."""
    k = SCENES.index(name)
    r, c = np.mgrid[:size, :size] / size
    hor = rng.uniform(0.35, 0.6)
    img = np.empty((size, size, 3))
    img[:] = (0.5, 0.7, 0.9)
    img[r > hor] = [(0.9, 0.8, 0.6), (0.4, 0.6, 0.3), (0.2, 0.4, 0.6), (0.85, 0.7, 0.4), (0.2, 0.4, 0.2), (0.3, 0.4, 0.6), (0.5, 0.5, 0.4), (0.5, 0.5, 0.5), (0.95, 0.95, 1), (0.4, 0.7, 0.3)][k]
    y, x, s = rng.uniform(0.3, 0.7), rng.uniform(0.2, 0.8), rng.uniform(0.1, 0.2)
    if k % 3 == 0:
        img[(r - y) ** 2 + (c - x) ** 2 < s**2] = rng.uniform(0, 1, 3)
    elif k % 3 == 1:
        img[(abs(r - y) < s) & (abs(c - x) < s / 2)] = (0.6, 0.3, 0.3)
    else:
        img[(r - y > -s) & (r - y < s) & (abs(c - x) < (r - y + s) / 2)] = (0.4, 0.4, 0.45)
    img = img + rng.normal(0, 0.1) + rng.normal(0, 0.08, img.shape)
    return img.clip(0, 1).astype(np.float32)
