"""The miniPlaces data set, downloaded once and checked: 100 classes of photographs, 128 x 128.

Photographs come from MIT's server, labels and names from the development kit on GitHub
(github.com/CSAILVision/miniplaces). No official checksum of the photographs is published: the first
download's SHA-256 is shown and kept beside the file, and later downloads are compared with it. Give
``checksums={"data.tar.gz": "..."}`` when your course knows the right one.
"""

import hashlib
import http.client
import json
import re
import shutil
import tarfile
import time
import urllib.error
import urllib.request
from pathlib import Path

KIT = "https://raw.githubusercontent.com/CSAILVision/miniplaces/master/data/"
MINIPLACES = {
    "categories.txt": KIT + "categories.txt",
    "train.txt": KIT + "train.txt",
    "val.txt": KIT + "val.txt",
    "data.tar.gz": "http://miniplaces.csail.mit.edu/data/data.tar.gz",
}
KNOWN_SHA256 = {  # of the text in the development kit's repository
    "categories.txt": "8658c6e5154e7502a1377e5ba1530b6f3618c0ddf98c72c14d2ad47bb6138d43",
}


def download_miniplaces(root="miniplaces", checksums=None, sources=MINIPLACES):
    """Download, check and unpack miniPlaces into a folder, and return the folder.

    A folder that is complete is returned at once; a download that was interrupted goes on where it
    stopped. checksums: SHA-256 by file name, for files whose right content is known.

    Raises ValueError when a file is not the one expected, OSError when a server cannot be reached.
    """
    root = Path(root)
    done, known = root / "complete.json", {**KNOWN_SHA256, **(checksums or {})}
    if done.exists():
        return root
    root.mkdir(parents=True, exist_ok=True)
    for name, url in sources.items():
        fetch(url, root / name, known.get(name))
    archive = root / "data.tar.gz"
    unpack_images(archive, root)
    tests = sorted(path.name for path in (root / "images" / "test").iterdir())
    (root / "test.txt").write_text("".join(f"test/{name}\n" for name in tests))
    records = {p.name.removesuffix(".sha256"): p.read_text() for p in root.glob("*.sha256")}
    done.write_text(json.dumps(records))
    archive.unlink()  # its checksum stays
    return root


def fetch(url, path, sha256=None, attempts=4, pause_s=2.0):
    """Download a file unless it is there, and compare its SHA-256 with the one given or recorded.

    What has arrived is kept as ``name.part`` until the file is whole; then it gets its name.
    """
    record, part = path.with_name(path.name + ".sha256"), path.with_name(path.name + ".part")
    expected = sha256 or (record.read_text().split()[0] if record.exists() else None)
    if not path.exists():
        for attempt in range(1, attempts + 1):
            try:
                receive(url, part)
                break
            except urllib.error.HTTPError:
                raise  # the server has answered, and will not change its mind
            except (OSError, http.client.HTTPException) as error:
                if attempt == attempts:
                    raise OSError(f"{url}: {error}. Run the cell again to go on.") from error
                time.sleep(pause_s * attempt)
    whole = path if path.exists() else part
    with open(whole, "rb") as file:
        got = hashlib.file_digest(file, "sha256").hexdigest()
    if expected and got != expected:
        whole.unlink()
        raise ValueError(
            f"{path.name} is not the file expected, and was removed\n"
            f"  got the SHA-256 {got}\n  expected        {expected}"
        )
    whole.replace(path)
    record.write_text(got)
    how = "as expected" if expected else "nothing to compare it with yet; later downloads will be"
    print(f"\r{path.name}: {path.stat().st_size:,} bytes, SHA-256 {got} ({how})")


def receive(url, part):
    """Bring ``part`` to the full length of what is at the address, from where it stands."""
    etag = part.with_name(part.name + ".etag")
    start = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url)
    if start and etag.exists():
        request.add_header("Range", f"bytes={start}-")
        request.add_header("If-Range", etag.read_text())  # all of it anew when the file has changed
    with urllib.request.urlopen(request, timeout=30) as answer:
        goes_on = answer.status == 206
        found = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", answer.headers.get("Content-Range", ""))
        if goes_on and (not found or int(found[1]) != start):
            raise OSError("the server continued at another place")
        length = answer.headers.get("Content-Length")
        total = int(found[2]) if goes_on else int(length) if length else None
        mark = answer.headers.get("ETag") or answer.headers.get("Last-Modified")
        if mark and not mark.startswith("W/"):
            etag.write_text(mark)
        else:
            etag.unlink(missing_ok=True)
        size = start if goes_on else 0
        with open(part, "ab" if goes_on else "wb") as file:
            while block := answer.read(1 << 20):
                file.write(block)
                size += len(block)
                share = f" of {total / 1e6:.0f}" if total else ""
                print(f"\r{part.stem}: {size / 1e6:.0f}{share} MB", end="", flush=True)
    if total is not None and size < total:
        raise OSError(f"the connection ended after {size:,} of {total:,} bytes")
    etag.unlink(missing_ok=True)


def unpack_images(archive, root):
    """Unpack the images of an archive into root/images; all of them, or nothing.

    The filter "data" refuses members that would be written outside, links that lead outside, and
    devices.
    """
    target, fresh = root / "images", root / "images.part"
    if target.exists():
        return
    shutil.rmtree(fresh, ignore_errors=True)
    with tarfile.open(archive) as tar:
        for member in tar:
            name = member.name.removeprefix("./")
            if name == "images" or name.startswith("images/"):
                tar.extract(member, fresh, filter="data")
    if not (fresh / "images").is_dir():
        raise ValueError(f"{archive.name} holds no folder images")
    (fresh / "images").replace(target)
    shutil.rmtree(fresh)
