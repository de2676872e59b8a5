"""The digits: from the file beside the notebook, or by a download that is verified."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
import torch

from source.shared import digits

ROOT = Path(__file__).resolve().parents[3]


def mnist_like() -> bytes:
    """A file in the layout of MNIST's, with 410 images of each digit."""
    labels = np.tile(np.arange(10, dtype=np.uint8), 410)
    images = np.zeros((len(labels), 28, 28), np.uint8)
    images[:, 0, 0] = labels * 25
    file = io.BytesIO()
    np.savez_compressed(file, x_train=images, y_train=labels, x_test=images[:5], y_test=labels[:5])
    return file.getvalue()


GOOD = mnist_like()
SHA256 = hashlib.sha256(GOOD).hexdigest()


@contextmanager
def server(body: bytes, status: int = 200, promised: int | None = None) -> Iterator[tuple]:
    """A server on this machine that sends body to everyone; yields the address and the requests."""
    requests: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body) if promised is None else promised))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_port}/mnist.npz", requests
        finally:
            http.shutdown()
            thread.join()


def test_a_download_is_verified_kept_and_not_made_twice(tmp_path: Path) -> None:
    with server(GOOD) as (url, requests):
        first = digits.download_mnist(url, SHA256, tmp_path / "cache")
        again = digits.download_mnist(url, SHA256, tmp_path / "cache")
    assert first == again and first.read_bytes() == GOOD
    assert len(requests) == 1
    assert [path.name for path in first.parent.iterdir()] == ["mnist.npz"]


def test_a_damaged_file_in_the_cache_is_downloaded_again(tmp_path: Path) -> None:
    (tmp_path / "mnist.npz").write_bytes(GOOD[:-1])
    with server(GOOD) as (url, requests):
        path = digits.download_mnist(url, SHA256, tmp_path)
    assert path.read_bytes() == GOOD and len(requests) == 1


def test_a_file_with_another_checksum_is_refused_and_removed(tmp_path: Path) -> None:
    with server(GOOD[:-1] + b"!") as (url, _):
        with pytest.raises(RuntimeError, match="not the expected file") as caught:
            digits.download_mnist(url, SHA256, tmp_path)
    assert "digits.npz" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_download_that_is_cut_short_leaves_nothing_behind(tmp_path: Path) -> None:
    with server(GOOD[:1000], promised=len(GOOD)) as (url, _):
        with pytest.raises(RuntimeError, match="after 1,000 of"):
            digits.download_mnist(url, SHA256, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", [404, 503])
def test_a_server_that_refuses_is_an_error_in_words(tmp_path: Path, status: int) -> None:
    with server(b"no", status) as (url, _):
        with pytest.raises(RuntimeError, match="could not be downloaded"):
            digits.download_mnist(url, SHA256, tmp_path)


def test_without_a_network_the_message_says_what_to_do(tmp_path: Path) -> None:
    with server(GOOD) as (url, _):
        pass  # the server is closed
    with pytest.raises(RuntimeError, match=r"Is there a network\? .* put digits.npz"):
        digits.download_mnist(url, SHA256, tmp_path)


def test_the_digits_beside_the_notebook_need_no_network() -> None:
    images, labels = digits.load_digits(ROOT / "source" / "conv")
    assert images.shape == (4000, 1, 28, 28) and images.dtype == torch.float32
    assert labels.dtype == torch.int64 and labels.bincount().tolist() == [400] * 10
    assert float(images.min()) == 0 and float(images.max()) == 1


def test_a_lone_notebook_gets_as_many_digits_and_full_gets_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mnist.npz").write_bytes(GOOD)
    monkeypatch.setattr(digits, "download_mnist", lambda: tmp_path / "mnist.npz")
    images, labels = digits.load_digits(tmp_path)
    assert images.shape == (4000, 1, 28, 28) and labels.bincount().tolist() == [400] * 10
    assert torch.allclose(images[:, 0, 0, 0], labels * 25 / 255)
    images, labels = digits.load_digits(ROOT / "source" / "conv", full=True)
    assert images.shape == (4100, 1, 28, 28) and len(labels) == 4100


def test_no_image_is_both_given_and_held_out() -> None:
    with np.load(ROOT / "source/conv/digits.npz") as given:
        with np.load(ROOT / "source/conv/private/held_out.npz") as held_out:
            assert given["images"].dtype == held_out["images"].dtype == np.uint8
            assert np.bincount(held_out["labels"]).tolist() == [100] * 10
            one, other = ({x.tobytes() for x in file["images"]} for file in (given, held_out))
    assert len(one) == 4000 and len(other) == 1000 and not one & other
