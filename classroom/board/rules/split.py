"""Which pictures count for the public score and which for the private one."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt


def public_pictures(
    labels: npt.NDArray[np.int16], fraction: float, secret: str
) -> npt.NDArray[np.bool_]:
    """Return for each picture whether it is public: every class in the same proportion.

    The secret decides which; the same secret decides the same. Of every class ``fraction`` is
    public, rounded down or up so that the total is right, and both parts hold something.
    """
    seed = hashlib.sha256(f"split {secret}".encode()).digest()
    random = np.random.Generator(np.random.PCG64(int.from_bytes(seed, "big")))
    classes, counts = np.unique(labels, return_counts=True)
    total = min(max(round(fraction * len(labels)), 1), len(labels) - 1)
    wanted = counts * (total / len(labels))
    quota = np.floor(wanted).astype(int)
    # The classes with the largest remainders get one more; among equals the secret decides.
    order = np.lexsort((random.permutation(len(classes)), quota - wanted))
    quota[order[: total - int(quota.sum())]] += 1
    public = np.zeros(len(labels), np.bool_)
    for label, count in zip(classes, quota, strict=True):
        public[random.permutation(np.flatnonzero(labels == label))[:count]] = True
    return public
