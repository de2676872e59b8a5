"""The split of the pictures into a public and a private part."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt


def public_pictures(
    labels: npt.NDArray[np.int16], fraction: float, secret: str
) -> npt.NDArray[np.bool_]:
    """Return whether each picture is public; every class is split in the same proportion.

    The secret alone decides the choice. In every class, ``fraction`` of the pictures is public,
    rounded down or up so that the total is right. Both parts have at least one picture.
    """
    seed = hashlib.sha256(f"split {secret}".encode()).digest()
    random = np.random.Generator(np.random.PCG64(int.from_bytes(seed, "big")))
    classes, counts = np.unique(labels, return_counts=True)
    total = min(max(round(fraction * len(labels)), 1), len(labels) - 1)
    wanted = counts * (total / len(labels))
    quota = np.floor(wanted).astype(int)
    # Classes with the largest remainders get one more picture; the secret breaks ties.
    order = np.lexsort((random.permutation(len(classes)), quota - wanted))
    quota[order[: total - int(quota.sum())]] += 1
    public = np.zeros(len(labels), np.bool_)
    for label, count in zip(classes, quota, strict=True):
        public[random.permutation(np.flatnonzero(labels == label))[:count]] = True
    return public
