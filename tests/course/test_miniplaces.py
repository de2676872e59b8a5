"""Downloading miniPlaces, from a server on this machine."""

from __future__ import annotations

import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from source.shared.miniplaces import KNOWN_SHA256, MINIPLACES, download_miniplaces, fetch

LABELS = {
    "categories.txt": b"/a/abbey 0\n/y/yard 1\n",
    "train.txt": b"train/a/abbey/00000001.jpg 0\ntrain/y/yard/00000001.jpg 1\n",
    "val.txt": b"val/00000001.jpg 1\n",
}
IMAGES = {
    "images/train/a/abbey/00000001.jpg": b"abbey",
    "images/train/y/yard/00000001.jpg": b"yard" * 50_000,
    "images/val/00000001.jpg": b"val",
    "images/test/00000002.jpg": b"two",
    "images/test/00000001.jpg": b"one",
    "objects/train/a/abbey/00000001.xml": b"<xml/>",
}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def packed(files: dict[str, bytes], *more: tarfile.TarInfo) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
        for member in more:
            tar.addfile(member)
    return buffer.getvalue()


class Server(ThreadingHTTPServer):
    """Serves the files in ``files``; ``requests`` lists the requests."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {**LABELS, "data.tar.gz": packed(IMAGES)}
        self.requests: list[tuple[str, str | None]] = []
        self.ranges = True
        self.cut_after: int | None = None  # bytes after which the next answer breaks off

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{name}"

    @property
    def sources(self) -> dict[str, str]:
        return {name: self.url(name) for name in MINIPLACES}

    @property
    def checksums(self) -> dict[str, str]:
        return {"categories.txt": sha256(LABELS["categories.txt"])}


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        name, asked = self.path.lstrip("/"), self.headers.get("Range")
        self.server.requests.append((name, asked))
        if name not in self.server.files:
            self.send_error(404)
            return
        data = self.server.files[name]
        etag = f'"{sha256(data)[:8]}"'
        start, status = 0, 200
        if asked and self.server.ranges and self.headers.get("If-Range") == etag:
            start, status = int(asked.removeprefix("bytes=").rstrip("-")), 206
        self.send_response(status)
        self.send_header("Content-Length", str(len(data) - start))
        self.send_header("ETag", etag)
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        cut, self.server.cut_after = self.server.cut_after, None
        self.wfile.write(data[start:] if cut is None else data[start : start + cut])
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def download(server: Server, root: Path, **checksums: str) -> Path:
    return download_miniplaces(root, {**server.checksums, **checksums}, server.sources)


def test_the_folder_has_the_layout_that_the_notebooks_read(server: Server, tmp_path: Path) -> None:
    root = download(server, tmp_path / "miniplaces")
    for name, data in IMAGES.items():
        assert not name.startswith("images/") or (root / name).read_bytes() == data
    assert not (root / "objects").exists()
    for name, data in LABELS.items():
        assert (root / name).read_bytes() == data
    assert (root / "test.txt").read_text() == "test/00000001.jpg\ntest/00000002.jpg\n"
    assert not list(root.glob("*.part*"))


def test_a_complete_folder_is_not_downloaded_again(server: Server, tmp_path: Path) -> None:
    download(server, tmp_path)
    asked = len(server.requests)
    assert download(server, tmp_path) == tmp_path
    assert len(server.requests) == asked == 4


def test_an_interrupted_download_goes_on_where_it_stopped(server: Server, tmp_path: Path) -> None:
    data = server.files["photo.bin"] = bytes(range(256)) * 1000
    server.cut_after = 100_000
    fetch(server.url("photo.bin"), tmp_path / "photo.bin", sha256(data), pause_s=0)
    assert server.requests == [("photo.bin", None), ("photo.bin", "bytes=100000-")]
    assert (tmp_path / "photo.bin").read_bytes() == data


def test_a_download_goes_on_in_another_session(server: Server, tmp_path: Path) -> None:
    data = server.files["photo.bin"] = bytes(range(256)) * 1000
    server.cut_after = 70_000
    with pytest.raises(OSError, match="70,000 of 256,000 bytes"):
        fetch(server.url("photo.bin"), tmp_path / "photo.bin", attempts=1)
    assert not (tmp_path / "photo.bin").exists()
    fetch(server.url("photo.bin"), tmp_path / "photo.bin", sha256(data))
    assert server.requests[-1] == ("photo.bin", "bytes=70000-")
    assert (tmp_path / "photo.bin").read_bytes() == data


@pytest.mark.parametrize("reason", ["no ranges", "the file has changed"])
def test_a_download_starts_over_when_it_cannot_go_on(
    server: Server, tmp_path: Path, reason: str
) -> None:
    server.files["photo.bin"] = b"old" * 50_000
    server.cut_after = 70_000
    with pytest.raises(OSError):
        fetch(server.url("photo.bin"), tmp_path / "photo.bin", attempts=1)
    if reason == "no ranges":
        server.ranges = False
    else:
        server.files["photo.bin"] = b"new" * 50_000
    fetch(server.url("photo.bin"), tmp_path / "photo.bin")
    assert (tmp_path / "photo.bin").read_bytes() == server.files["photo.bin"]


def test_a_wrong_checksum_is_said_and_the_file_removed(server: Server, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"expected        {'0' * 64}"):
        download(server, tmp_path, **{"data.tar.gz": "0" * 64})
    assert not (tmp_path / "images").exists()
    assert not (tmp_path / "data.tar.gz").exists()
    assert not (tmp_path / "data.tar.gz.part").exists()


def test_the_first_checksum_is_shown_kept_and_compared(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.files["photo.bin"] = b"first"
    fetch(server.url("photo.bin"), tmp_path / "photo.bin")
    assert sha256(b"first") in capsys.readouterr().out
    assert (tmp_path / "photo.bin.sha256").read_text() == sha256(b"first")
    (tmp_path / "photo.bin").unlink()
    server.files["photo.bin"] = b"second"
    with pytest.raises(ValueError, match="is not the file expected"):
        fetch(server.url("photo.bin"), tmp_path / "photo.bin")


def test_a_file_that_is_there_is_checked_but_not_asked_for(server: Server, tmp_path: Path) -> None:
    (tmp_path / "photo.bin").write_bytes(b"brought along")
    fetch(server.url("photo.bin"), tmp_path / "photo.bin", sha256(b"brought along"))
    assert not server.requests


def test_a_missing_file_is_reported_at_once(server: Server, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="404"):
        fetch(server.url("nothing"), tmp_path / "nothing", pause_s=60)
    assert len(server.requests) == 1


def link(name: str, target: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, target
    return member


@pytest.mark.parametrize(
    "member",
    [
        tarfile.TarInfo("images/../../evil.jpg"),
        link("images/train/evil.jpg", "/etc/passwd"),
        link("images/train/evil.jpg", "../../../../secret"),
    ],
    ids=["a path that leads outside", "an absolute link", "a link that leads outside"],
)
def test_an_archive_that_reaches_outside_is_refused_as_a_whole(
    server: Server, tmp_path: Path, member: tarfile.TarInfo
) -> None:
    server.files["data.tar.gz"] = packed(IMAGES, member)
    with pytest.raises(tarfile.FilterError):
        download(server, tmp_path / "inside")
    assert not (tmp_path / "inside" / "images").exists()
    assert not list(tmp_path.rglob("evil.jpg"))


def test_an_archive_without_images_is_refused(server: Server, tmp_path: Path) -> None:
    server.files["data.tar.gz"] = packed({"other/file": b"x"})
    with pytest.raises(ValueError, match="no folder images"):
        download(server, tmp_path)


def test_nothing_but_the_official_addresses_is_asked_for() -> None:
    hosts = {url.split("/")[2] for url in MINIPLACES.values()}
    assert hosts == {"miniplaces.csail.mit.edu", "raw.githubusercontent.com"}
    assert set(KNOWN_SHA256) <= set(MINIPLACES)
