"""Pictures from outside: in outputs, pasted into text, or written into text as data.

JupyterLab attaches a pasted picture to the cell; Colab writes it into the text as a ``data:`` URI.
Both become attachments with new names that every reader of notebooks finds.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

MAX_IMAGE_BYTES = 4_000_000  # bytes of one picture
MAX_PICTURES_BYTES = 16_000_000  # bytes of all pictures of one notebook
MAX_ATTACHMENTS = 50  # pictures of one cell

KINDS = ("image/png", "image/jpeg", "image/gif", "image/webp")
_BEGINS = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}
_REFERENCE = re.compile(
    r"attachment:|data:image/[\w.+-]{1,20}(?:;[\w=-]{1,40})?;base64,([A-Za-z0-9+/=]*)", re.I
)
_MARKDOWN = re.compile(r"!\[([^\[\]\n]{0,200})\]\(<?attachment:([^\s()<>]{0,200})>?\)", re.I)
_IMG = re.compile(
    r"<img\b[^<>]{0,500}?\bsrc\s{0,9}=\s{0,9}[\"']?attachment:(picture-\d+\.\w+)[\"']?[^<>]{0,500}>",
    re.I,
)


@dataclass
class PictureRoom:
    """The bytes of pictures that a notebook may still show."""

    left: int = MAX_PICTURES_BYTES

    def take(self, data: object) -> tuple[str, str] | None:
        """A picture's kind and its base64, encoded again; None without room or picture."""
        found = inert_picture(data)
        size = len(found[1]) * 3 // 4 if found is not None else 0
        if found is None or size > self.left:
            return None
        self.left -= size
        return found


def inert_picture(data: object) -> tuple[str, str] | None:
    """The kind of a picture and its base64, encoded again.

    The kind comes from the bytes, because labels may be wrong. None if ``data`` is not base64 of a
    PNG, JPEG, GIF or WebP picture, or is larger than MAX_IMAGE_BYTES.
    """
    if isinstance(data, list) and all(isinstance(part, str) for part in data):
        data = "".join(data)
    if not isinstance(data, str) or len(data) > MAX_IMAGE_BYTES * 1.4:
        return None
    try:
        decoded = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(decoded) > MAX_IMAGE_BYTES:
        return None
    for kind, begin in _BEGINS.items():
        if decoded.startswith(begin) and (kind != "image/webp" or decoded[8:12] == b"WEBP"):
            return kind, base64.b64encode(decoded).decode()
    return None


def picture_of(bundle: object, room: PictureRoom) -> tuple[str, str] | None:
    """The picture in a MIME bundle of an output or an attachment."""
    if not isinstance(bundle, Mapping):
        return None
    for kind in KINDS:
        if kind in bundle and (found := room.take(bundle[kind])) is not None:
            return found
    return None


def with_pictures(
    text: str, attachments: object, room: PictureRoom
) -> tuple[str, dict[str, dict[str, str]]]:
    """A cell's text and attachments, with a new name for each picture that the text shows.

    A remark replaces pictures that are missing, too large or not pictures. Raw ``<img>`` tags of
    attached pictures become Markdown.
    """
    kept: dict[str, dict[str, str]] = {}
    names = _by_reference(attachments)
    used: dict[str, str] = {}  # old name -> new name

    def keep(found: tuple[str, str] | None) -> str:
        if found is None or len(kept) >= MAX_ATTACHMENTS:
            return ""
        name = f"picture-{len(kept) + 1}.{found[0].partition('/')[2]}"
        kept[name] = {found[0]: found[1]}
        return name

    parts, position = [], 0
    for match in _REFERENCE.finditer(text):
        start, end = match.span()
        if match[1] is not None:
            name = keep(room.take(match[1])) or "unusable"
        else:
            written = next((one for one in names if text.startswith(one, end)), None)
            if written is None:
                continue
            name, end = names[written], end + len(written)
            if name not in used:
                used[name] = keep(picture_of(attachments[name], room)) or "unusable"  # type: ignore[index] # a mapping
            name = used[name]
        parts += [text[position:start], f"attachment:{name}"]
        position = end
    text = "".join((*parts, text[position:]))
    text = _IMG.sub(lambda found: f"![picture](attachment:{found[1]})", text)

    def checked(found: re.Match[str]) -> str:
        return found[0] if found[2] in kept else _remark(found[1])

    return _MARKDOWN.sub(checked, text), kept


def _remark(title: str) -> str:
    called = f" “{title}”" if title.strip() else ""
    return f"*[the picture{called} cannot be shown: it is missing, too large or of another kind]*"


def _by_reference(attachments: object) -> dict[str, str]:
    """The spellings of attachments in a text, the longest first, and the attachments' names."""
    if not isinstance(attachments, Mapping):
        return {}
    ways: dict[str, str] = {}
    for name in list(attachments)[:MAX_ATTACHMENTS]:
        if isinstance(name, str) and 0 < len(name) <= 200:
            safe = name.encode(errors="replace").decode()
            for written in (name, quote(safe), quote(safe, safe="()!'*"), name.replace(" ", "%20")):
                ways[written] = name
    return {written: ways[written] for written in sorted(ways, key=len, reverse=True)}
