"""Handwritten digits: from the file beside the notebook, else downloaded and verified."""

import hashlib
import os
import tempfile
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path

import numpy as np
import torch

MNIST_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
MNIST_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
DIGITS_FILE = "digits.npz"  # 4,000 images of MNIST, 400 of each digit


def load_digits(folder=".", full=False):
    """Return images (N, 1, 28, 28), float32 in [0, 1], and their labels (N,), int64.

    Without full, the 4,000 images in digits.npz beside the notebook; where that file is not there
    (a single notebook opened on Colab), 4,000 of MNIST's training images, 400 of each digit. With
    full, all 60,000. MNIST (11 MB) is downloaded once.
    """
    beside = Path(folder) / DIGITS_FILE
    if not full and beside.is_file():
        with np.load(beside, allow_pickle=False) as file:
            return as_tensors(file["images"], file["labels"])
    with np.load(download_mnist(), allow_pickle=False) as file:
        images, labels = file["x_train"], file["y_train"]
    if not full:
        each = [np.flatnonzero(labels == digit)[:400] for digit in range(10)]
        chosen = np.random.RandomState(0).permutation(np.concatenate(each))
        images, labels = images[chosen], labels[chosen]
    return as_tensors(images, labels)


def as_tensors(images, labels):
    """Return images and labels of bytes as the tensors that networks work with."""
    images = torch.from_numpy(images.astype(np.float32) / 255)
    return images[:, None], torch.from_numpy(labels.astype(np.int64))


def download_mnist(url=MNIST_URL, sha256=MNIST_SHA256, cache=None):
    """Return the path of MNIST's file, which is downloaded the first time and verified.

    cache: the folder to keep it in (default: a folder of the user's cache). What is downloaded
    takes its name only when it is whole and right. Raises RuntimeError, with what to do, when it
    cannot be downloaded or is not the expected file.
    """
    default = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    path = Path(cache or Path(default) / "cnn-course") / "mnist.npz"
    if path.is_file():
        if checksum(path) == sha256:
            return path
        path.unlink()  # damaged since
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            receive(url, file)
        found = checksum(part)
        if found != sha256:
            raise RuntimeError(
                f"What {url} sent is not the expected file (its SHA-256 is {found}), and was "
                "removed. Run the cell again; if that does not help, put digits.npz, which comes "
                "with the assignment, beside the notebook."
            )
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def receive(url, file):
    """Write what a server sends into an open file, and say how far it is."""
    try:
        with urllib.request.urlopen(url, timeout=30) as reply:
            total, done = int(reply.headers.get("Content-Length", 0)), 0
            while piece := reply.read(1 << 18):
                file.write(piece)
                done += len(piece)
                print(f"\rMNIST: {done / 1e6:.1f} of {total / 1e6:.1f} MB", end="")
            print()
            if done < total:
                raise ConnectionError(f"the connection ended after {done:,} of {total:,} bytes")
    except (urllib.error.URLError, OSError, HTTPException) as error:
        raise RuntimeError(
            f"MNIST could not be downloaded from {url} ({error}). Is there a network? Without one, "
            "put digits.npz, which comes with the assignment, beside the notebook."
        ) from error


def checksum(path):
    """Return the SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
