"""Pictures that were handed in beside a notebook and that its text shows."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from nbformat import NotebookNode

MAX_BYTES = 4 << 20  # bytes of one picture
MAX_ALL_BYTES = 16_000_000  # bytes of all pictures beside one notebook

_IMG = re.compile(r"<img\s[^<>]{0,2000}>", re.IGNORECASE)
_LINK = re.compile(
    r"!\[([^\[\]\n]{0,500})\]\([ ]?(?:<([^<>\n]{1,500})>|([^()\s]{1,500}))([^()\n]{0,500})\)"
)
_DEFINED = re.compile(r"^( {0,3}\[[^\[\]\n]{1,200}\]:[ \t]*)<?([^<>\s]{1,500})>?", re.MULTILINE)
_ATTRIBUTE = r"\b{}\s*=\s*(?:\"([^\"<>]*)\"|'([^'<>]*)'|([^\s\"'<>]+))"
_SRC = re.compile(_ATTRIBUTE.format("src"), re.IGNORECASE)
_ALT = re.compile(_ATTRIBUTE.format("alt"), re.IGNORECASE)


def picture_kind(data: bytes) -> str | None:
    """The media type of a picture, by its first bytes; None for other data."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return None


def show_beside(notebook: NotebookNode, beside: Mapping[str, Path]) -> None:
    """Attach pictures beside a notebook to the text cells that name them, in place."""
    room = MAX_ALL_BYTES
    loaded: dict[str, bytes] = {}

    def load(address: str) -> bytes:
        nonlocal room
        name = unquote(address).replace("\\", "/").rpartition("/")[2]
        path = beside.get(name)
        if path is None or ":" in address.partition("/")[0]:
            return b""
        if name not in loaded:
            loaded[name] = _read(path, min(room, MAX_BYTES))
            room -= len(loaded[name])
        return loaded[name]

    if beside:
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                _show_in(cell, load)


def _show_in(cell: NotebookNode, load: Callable[[str], bytes]) -> None:
    attachments: dict[str, Any] = dict(cell.get("attachments") or {})
    before = len(attachments)

    def linked(found: re.Match[str]) -> str:
        name = _attached(load(found[2] or found[3]), attachments)
        return f"![{found[1]}](attachment:{name}{found[4]})" if name else found[0]

    def tagged(found: re.Match[str]) -> str:
        source, alt = _value(_SRC, found[0]), _value(_ALT, found[0])
        name = _attached(load(source), attachments) if source else ""
        return f"![{re.sub(r'[][]', '', alt)}](attachment:{name})" if name else found[0]

    def defined(found: re.Match[str]) -> str:
        name = _attached(load(found[2]), attachments)
        return f"{found[1]}attachment:{name}" if name else found[0]

    text = _IMG.sub(tagged, _LINK.sub(linked, cell.source))
    text = _DEFINED.sub(defined, text)
    if len(attachments) > before:
        cell.source, cell.attachments = text, attachments


def _value(pattern: re.Pattern[str], tag: str) -> str:
    found = pattern.search(tag)
    return next((part for part in found.groups() if part), "") if found else ""


def _attached(data: bytes, attachments: dict[str, dict[str, str]]) -> str:
    """The name of a picture's attachment; empty if the file is not a picture."""
    kind = picture_kind(data)
    if kind is None or len(data) > MAX_BYTES:
        return ""
    encoded = base64.b64encode(data).decode()
    for name, pictures in attachments.items():
        if pictures.get(kind) == encoded:
            return name
    number = len(attachments) + 1
    while (name := f"picture-{number}.{kind.partition('/')[2]}") in attachments:
        number += 1
    attachments[name] = {kind: encoded}
    return name


def _read(path: Path, limit: int) -> bytes:
    """A picture's bytes; empty if it is too large, unreadable or not a picture."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError:
        return b""
    return data if len(data) <= limit and picture_kind(data) else b""
