from __future__ import annotations

import bz2
import errno
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest

from autograder.errors import DiskError
from autograder.files.archive import Unpacker
from autograder.files.found_file import FoundFile, Step
from autograder.files.unused_files import Unused
from autograder.reading_budget import ReadingBudget

MB = 1 << 20
Packed = Callable[..., dict[str, bytes]]


class Box:
    """An unpacker for archives that are given as bytes."""

    def __init__(self, folder: Path, **limits: int) -> None:
        self.folder = folder
        self.budget = ReadingBudget(**limits)  # type: ignore[arg-type]
        self.unpacker = Unpacker(folder / "into", self.budget)

    def unpack(self, data: bytes, name: str = "a.zip") -> dict[str, bytes]:
        path = self.folder / "archive"
        path.write_bytes(data)
        files = self.unpacker.unpack(FoundFile(path, (Step(name, None),)))
        assert all(file.path.resolve().is_relative_to(self.folder / "into") for file in files)
        return {file.name: file.path.read_bytes() for file in files}

    @property
    def reasons(self) -> list[tuple[str, Unused]]:
        return [(file.label, file.reason) for file in self.unpacker.unused]

    @property
    def details(self) -> list[str]:
        return [file.detail for file in self.unpacker.unused]

    @property
    def left(self) -> int:
        """Bytes that lie on the disk."""
        return sum(p.stat().st_size for p in (self.folder / "into").rglob("*") if p.is_file())


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(
    *members: tuple[tarfile.TarInfo, bytes], mode: str = "w:", format: int = tarfile.PAX_FORMAT
) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=format) as archive:  # type: ignore[call-overload]
        for member, data in members:
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def member(name: str, size: int = 0, **facts: Any) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size = size
    for fact, value in facts.items():
        setattr(info, fact, value)
    return info


@pytest.mark.parametrize(
    ("name", "becomes"),
    [
        ("../../evil.py", "evil.py"),
        ("/etc/evil.py", "etc/evil.py"),
        ("a/../../evil.py", "a/evil.py"),
        ("..\\evil.py", "evil.py"),
        ("C:/evil.py", "evil.py"),
        ("C:evil.py", "evil.py"),
        ("a//./b.py", "a/b.py"),
    ],
)
def test_no_path_of_an_archive_leads_out_of_the_folder(
    tmp_path: Path, name: str, becomes: str
) -> None:
    for data in (zipped({name: b"x"}), tarred((member(name, 1), b"x"))):
        assert Box(tmp_path).unpack(data) == {becomes: b"x"}
    assert not [path for path in tmp_path.rglob("*evil*") if "into" not in path.parts]


def test_hidden_files_and_those_of_other_systems_are_left(box: Box) -> None:
    files = {"__MACOSX/._a.ipynb": b"", ".b.py": b"", "c.exe": b"", "d.py/": b"", ".git/x.py": b""}
    assert box.unpack(zipped(files)) == {}
    assert box.reasons == []


def test_long_and_odd_names_are_only_names(box: Box) -> None:
    names = ["n" * 300 + ".py", "ü" * 200 + ".py", "a\nb.py", "[*]?.py", " .py", "\u202eyp.py"]
    assert sorted(box.unpack(zipped(dict.fromkeys(names, b"x")))) == sorted(names)


def test_one_bad_entry_leaves_the_others(box: Box) -> None:
    data = bytearray(zipped({"a.py": b"a" * 50, "b.py": b"b" * 50}, zipfile.ZIP_STORED))
    data[data.index(b"a" * 50)] ^= 0xFF
    assert box.unpack(bytes(data)) == {"b.py": b"b" * 50}
    assert box.reasons == [("a.py in a.zip", Unused.BROKEN)]


def test_a_truncated_tar_gives_what_was_read_until_there(box: Box) -> None:
    data = tarred((member("a.py", 1), b"a"), (member("b.py", 5000), b"b" * 5000))
    assert box.unpack(data[:2500], "a.tar") == {"a.py": b"a"}
    assert box.reasons == [("a.tar", Unused.BROKEN)]


def test_an_entry_with_a_password_says_so(box: Box) -> None:
    data = bytearray(zipped({"a.py": b"a", "b.py": b"b"}))
    for start in (data.index(b"PK\x03\x04") + 6, data.index(b"PK\x01\x02") + 8):
        data[start] |= 1
    assert box.unpack(bytes(data)) == {"b.py": b"b"}
    assert box.reasons == [("a.py in a.zip", Unused.LOCKED)]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_all_at_once_are_refused(box: Box, method: int) -> None:
    assert box.unpack(zipped({"a.py": bytes(MB)}, method)) == {}
    assert box.reasons == [("a.py in a.zip", Unused.BROKEN)]


def test_links_and_devices_in_archives_are_nothing(box: Box) -> None:
    link = zipfile.ZipInfo("z.py")
    link.external_attr = 0o120777 << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert box.unpack(out.getvalue()) == {}
    members = [
        member("s.py", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        member("h.py", type=tarfile.LNKTYPE, linkname="s.py"),
        member("c.py", type=tarfile.CHRTYPE, devmajor=1, devminor=5),
        member("b.py", type=tarfile.BLKTYPE),
        member("f.py", type=tarfile.FIFOTYPE),
    ]
    assert box.unpack(tarred(*((one, b"") for one in members)), "a.tar") == {}
    assert box.reasons == [
        ("z.py in a.zip", Unused.LINK),
        ("s.py in a.tar", Unused.LINK),
        ("h.py in a.tar", Unused.LINK),
    ]


def test_compressed_data_that_is_no_tar_is_no_damaged_archive(box: Box) -> None:
    assert box.unpack(b"\x1f\x8b\x08" + bytes(20), "train-images.gz") == {}
    assert box.reasons[0][1] in (Unused.OTHER, Unused.BROKEN)
    import gzip

    assert box.unpack(gzip.compress(b"x" * 2000), "train-images.gz") == {}
    assert box.reasons[1] == ("train-images.gz", Unused.OTHER)


def test_a_full_disk_is_no_fault_of_the_archive(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    open_file = Path.open

    def full(path: Path, mode: str = "r", *more: Any) -> IO[Any]:
        if mode == "wb" and "into" in path.parts:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return open_file(path, mode, *more)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(DiskError, match="the disk is full"):
        box.unpack(zipped({"a.py": b"1"}))


def test_no_path_of_ours_is_told(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, *args: Any, **more: Any) -> None:
        raise OSError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    box.unpack(zipped({"a.py": b"1"}))
    assert box.details == ["Permission denied"]


# -- one budget for all archives ------------------------------------------------------------------


def test_bytes_are_counted_over_all_archives(tmp_path: Path) -> None:
    box = Box(tmp_path, unpacked_bytes=5 * MB)
    small = zipped({"a.ipynb": bytes(2 * MB)})
    assert [len(box.unpack(small)) for _ in range(4)] == [1, 1, 0, 0]
    assert box.details == ["more than 5 MB unpacked"] * 2
    assert box.left <= 5 * MB


@pytest.mark.parametrize("mode", ["w:", "w:gz", "w:bz2", "w:xz"])
def test_bytes_that_nobody_wants_count_where_they_have_to_be_unpacked(
    tmp_path: Path, mode: str
) -> None:
    box = Box(tmp_path, unpacked_bytes=5 * MB)
    members = ((member("a.py", 1), b"a"), (member("data.bin2", 9 * MB), bytes(9 * MB)))
    assert box.unpack(tarred(*members, mode=mode), "a.tar") == {"a.py": b"a"}
    assert box.details == ["more than 5 MB unpacked"]


def test_what_a_zip_lists_is_unpacked_only_where_it_is_wanted(tmp_path: Path) -> None:
    box = Box(tmp_path, unpacked_bytes=MB)
    files = {"data/train.csv": bytes(9 * MB), "labels.txt": b"a" * 9 * MB, "z.py": b"z"}
    assert box.unpack(zipped(files)) == {"z.py": b"z"}
    assert box.budget.unpacked_bytes > MB - (200 << 10)


@pytest.mark.parametrize(
    ("name", "most"), [("a.py", 1), ("a.ipynb", 64), ("a.safetensors", 48), ("a.png", 4)]
)
def test_a_file_larger_than_its_kind_has_use_for_is_not_kept(
    box: Box, name: str, most: int
) -> None:
    assert box.unpack(zipped({name: bytes((most + 1) * MB)})) == {}
    assert box.details == [f"it is larger than {most} MB"]
    assert box.left == 0
    assert box.budget.unpacked_bytes > ReadingBudget().unpacked_bytes - (most + 1) * MB


def test_archives_are_counted(tmp_path: Path) -> None:
    box = Box(tmp_path, archives=3)
    assert [len(box.unpack(zipped({"a.py": b""}))) for _ in range(5)] == [1, 1, 1, 0, 0]
    assert box.details == ["more than 3 archives"] * 2


def test_nesting_is_limited(tmp_path: Path) -> None:
    data = zipped({"deep.py": b"x"})
    for level in range(6):
        data = zipped({"inner.zip": data, f"{level}.py": b""})
    box = Box(tmp_path, depth=4)
    assert set(box.unpack(data)) == {"5.py", "4.py", "3.py", "2.py"}
    assert box.details == ["archives are nested more than 4 deep"]


def test_an_archive_that_holds_many_copies_of_one_is_limited(tmp_path: Path) -> None:
    data = zipped({"a.py": b"x"})
    for _ in range(3):
        data = zipped({f"{n}.zip": data for n in range(16)})
    box = Box(tmp_path, archives=20)
    box.unpack(data)
    assert box.budget.archives == 0
    assert box.unpacker._count <= 300


def test_a_zip_of_a_million_names_is_not_listed(tmp_path: Path) -> None:
    box = Box(tmp_path, listing_bytes=MB)
    entry = (
        struct.pack(
            "<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 3, 20, 0, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0
        )
        + b"x"
    )
    count = 200_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, count * len(entry), 0, 0)
    assert box.unpack(entry * count + end) == {}  # the end of an archive shows that it is one
    assert box.details == ["more than 1 MB of file names"]
    assert box.budget.entries == ReadingBudget().entries


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_names_are_counted(tmp_path: Path, kind: str) -> None:
    names = [f"{n}.csv" for n in range(50)]
    data = (
        zipped(dict.fromkeys(names, b""))
        if kind == "zip"
        else tarred(*((member(name), b"") for name in names))
    )
    box = Box(tmp_path, entries=30)
    assert box.unpack(data, f"a.{kind}") == {}
    assert box.details == ["more than 30 files and folders"]


def test_files_that_come_out_are_counted(box: Box) -> None:
    files = {f"{n}.py": b"" for n in range(400)}
    assert len(box.unpack(zipped(files))) == 300
    assert box.details == ["more than 300 files"]


def test_a_size_that_lies_changes_nothing(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.ipynb": bytes(9 * MB)}))
    data[data.index(b"PK\x01\x02") + 24 :][:4] = struct.pack("<L", 1)
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<L", 1)
    box = Box(tmp_path, unpacked_bytes=5 * MB)
    box.unpack(bytes(data))
    assert box.left <= 5 * MB
    assert len(box.reasons) <= 1


@pytest.mark.parametrize("field", [32, 40, 48])
def test_zip64_numbers_that_lie_are_a_damaged_archive(box: Box, field: int) -> None:
    plain = zipped({"a.py": b"x"})
    end = plain.index(b"PK\x05\x06")
    _, _, _, _, count, size, offset, _ = struct.unpack("<4s4H2LH", plain[end:])
    record = bytearray(
        struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
    )
    record[field : field + 8] = struct.pack("<Q", 2**62)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    last = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)
    box.unpack(plain[:end] + bytes(record) + locator + last)
    assert {reason for _, reason in box.reasons} <= {Unused.BROKEN, Unused.LIMIT}


def test_overlapping_entries_are_paid_each(tmp_path: Path) -> None:
    body = zlib.compress(bytes(MB), 9)[2:-4]
    local = struct.pack(
        "<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 33, zlib.crc32(bytes(MB)), len(body), MB, 4, 0
    )
    listed = b"".join(
        struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 0, 20, 0, 0, 8, 0, 33, zlib.crc32(bytes(MB)), len(body), MB, 4, 0, 0, 0, 0, 0, 0)
        + b"a.py"
        for _ in range(100)
    )  # fmt: skip
    start = len(local) + 4 + len(body)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 100, 100, len(listed), start, 0)
    box = Box(tmp_path, unpacked_bytes=5 * MB)
    box.unpack(local + b"a.py" + body + listed + end)
    assert box.left <= 5 * MB


def test_a_sparse_member_is_not_filled(tmp_path: Path) -> None:
    sparse = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "big.py",
              "GNU.sparse.realsize": str(2**50)}  # fmt: skip
    body = b"1\n0\n1\n".ljust(512, b"\0") + b"x"
    box = Box(tmp_path, unpacked_bytes=5 * MB)
    data = tarred(
        (member("s.py", len(body), pax_headers=sparse), body), (member("after.py", 1), b"a")
    )
    assert box.unpack(data, "a.tar") == {"after.py": b"a"}
    assert box.left == 1


def test_a_member_that_says_it_is_endless_ends_with_the_file(box: Box) -> None:
    data = tarred((member("a.py", 1), b"a"))
    huge = member("endless.csv").tobuf(tarfile.GNU_FORMAT)
    huge_info = member("endless.csv", 2**60)
    header = huge_info.tobuf(tarfile.GNU_FORMAT)
    assert len(huge) == len(header)
    assert box.unpack(data[:1024] + header + bytes(4096), "a.tar") == {"a.py": b"a"}
    assert box.reasons == [("a.tar", Unused.BROKEN)]


@pytest.mark.parametrize("where", ["own", "global"])
def test_attributes_of_a_member_are_limited(tmp_path: Path, where: str) -> None:
    many = {f"k{n}": "v" * 50 for n in range(20_000)}
    out = io.BytesIO()
    if where == "own":
        data = tarred((member("a.py", 1, pax_headers=many), b"a"))
    else:
        with tarfile.open(fileobj=out, mode="w", pax_headers=many) as archive:
            archive.addfile(member("a.py", 1), io.BytesIO(b"a"))
        data = out.getvalue()
    box = Box(tmp_path)
    assert box.unpack(data, "a.tar") == {}
    assert box.details == ["a header is larger than 256 KB"]


def test_a_long_name_is_limited(box: Box) -> None:
    data = tarred((member("x/" * MB + "a.py", 1), b"a"), format=tarfile.GNU_FORMAT)
    assert box.unpack(data, "a.tar") == {}
    assert box.details == ["a header is larger than 256 KB"]


def test_headers_in_headers_are_a_damaged_archive(box: Box) -> None:
    header = member("././@PaxHeader", 8, type=tarfile.XHDTYPE).tobuf(tarfile.USTAR_FORMAT)
    record = b"8 a=bcd\n".ljust(512, b"\0")
    assert box.unpack((header + record) * 5_000, "a.tar") == {}
    assert len(box.reasons) == 1


def test_a_bomb_of_bzip2_is_stopped_in_time(tmp_path: Path) -> None:
    block = bz2.compress(bytes(9 * MB))
    box = Box(tmp_path, unpacked_bytes=20 * MB)
    assert box.unpack(block * 50, "a.tar.bz2") == {}
    assert box.budget.unpacked_bytes >= 0


def test_seconds_are_of_this_threads_processor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(1000))
    monkeypatch.setattr("autograder.reading_budget.time.thread_time", lambda: next(clock))
    box = Box(tmp_path)
    files = {f"{n}.py": b"" for n in range(50)}
    found = box.unpack(zipped(files))
    assert len(found) < 50
    assert box.details == ["reading took more than 20 s of processor time"]
