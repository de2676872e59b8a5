"""The one-line headers of a lesson's cells, and the notebook metadata that they stand for.

A header is ``# %% KIND [NAME] [key=value ...] ["TITLE"]``, with ``[markdown]`` before the kind of a
text cell. ``docs/authoring.md`` holds the grammar.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal

Level = Literal["easy", "medium", "hard"]
LEVELS: tuple[Level, ...] = ("easy", "medium", "hard")
MARK = "# %%"

_NAMED = ("answer", "try", "check", "given", "hint", "question")  # kinds that need a name
_CODE_KINDS = ("answer", "try", "check", "setup", "given", "figure", "train", "hand-in")
_TEXT_KINDS = ("hint", "question")
_TAGS = {"setup": ["setup"], "figure": ["figure"], "train": ["train"],
         "hand-in": ["hand-in", "skip-execution"], "hint": ["hint"]}  # fmt: skip
_IDS = {"answer": "{}", "try": "try_{}", "check": "test_{}", "given": "{}", "question": "{}"}
_OPTIONS = ("id", "locked", "points", "minutes", "level", "lecture")
_FACTS = ("minutes", "level", "lecture")  # options that are metadata of the cell
_FOLDED = {"cellView": "form", "jupyter": {"source_hidden": True}}
_TITLE_LINE = re.compile(r'# @title (.*) \{ display-mode: "form" \}')
_TOKEN = re.compile(r'\s*(?:"(?P<title>[^"]*)"|(?P<key>[\w.-]+)=|(?P<word>[^\s="]+))')
_BARE = re.compile(r"[^\s\"\[{][^\s]*")


class HeaderError(ValueError):
    """A header that is not in the grammar; the message says the problem and the remedy."""


@dataclass(frozen=True)
class Header:
    """A header, taken apart. ``extra`` is metadata outside the grammar, kept as it is."""

    is_text: bool
    kinds: tuple[str, ...] = ()
    name: str = ""
    title: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return self.kinds[0] if self.kinds else ""

    @property
    def text(self) -> str:
        """The header as a line."""
        parts = [MARK, *(["[markdown]"] if self.is_text else []), *self.kinds]
        parts += [self.name] if self.name else []
        parts += [f"{key}={_plain(value)}" for key, value in self.options.items()]
        parts += [f"{key}={json.dumps(value)}" for key, value in self.extra.items()]
        parts += [f'"{self.title}"'] if self.title else []
        return " ".join(parts)

    @property
    def first_line(self) -> str:
        """The line that Colab reads a folded cell's title from; empty if the cell is not folded."""
        folded = self.title and self.kind != "check"
        return f'# @title {self.title} {{ display-mode: "form" }}' if folded else ""

    @property
    def metadata(self) -> dict[str, Any]:
        """The metadata of the notebook's cell."""
        kind, options = self.kind, dict(self.options)
        found: dict[str, Any] = {}
        if kind in ("answer", "try", "check", "hint"):
            found["exercise"] = self.name
        if tags := [tag for one in self.kinds for tag in _TAGS.get(one, [])]:
            found["tags"] = tags
        if self.first_line:
            found |= deepcopy(_FOLDED)
        elif self.title:
            found["label"] = self.title
        found |= {key: options[key] for key in _FACTS if key in options}
        if nbgrader := self._nbgrader():
            found["nbgrader"] = nbgrader
        return found | dict(self.extra)

    def _nbgrader(self) -> dict[str, Any]:
        kind = self.kind
        grade_id = self.options.get("id") or _default_id(kind, self.name)
        if not grade_id:
            return {}
        facts = {
            "grade": kind in ("try", "check", "question"),
            "grade_id": grade_id,
            "locked": kind in ("try", "check", "setup", "given") or self._is_locked,
            "schema_version": 3,
            "solution": kind in ("answer", "question"),
            "task": False,
        }
        if facts["grade"]:
            facts["points"] = self.options.get("points", 0)
        return facts

    @property
    def _is_locked(self) -> bool:
        return bool(self.options.get("locked"))


def _default_id(kind: str, name: str) -> str:
    return name or "setup" if kind == "setup" else _IDS.get(kind, "").format(name)


def is_header(line: str) -> bool:
    """Whether a line of a lesson begins a cell."""
    return line == MARK or line.startswith(MARK + " ")


def read_header(line: str, *, allow_titles: bool = False) -> Header | None:
    """The header in a line; None if the line has no kind, as in jupytext's own format.

    ``allow_titles`` reads an unknown word as jupytext's title of a cell. Raises HeaderError.
    """
    rest = line.removeprefix(MARK).strip()
    is_text = rest.startswith(("[markdown]", "[md]"))
    rest = rest.partition("]")[2].strip() if is_text else rest
    if not rest or not re.match(r"[^\W\d][\w-]*(\s|$)", rest) or rest.startswith("["):
        return None
    words, title, given = _tokens(rest)
    known = _TEXT_KINDS if is_text else _CODE_KINDS
    if words[0] not in (*_CODE_KINDS, *_TEXT_KINDS):
        if allow_titles:
            return None
        raise HeaderError(
            f"{words[0]!r} is no kind of cell. Kinds of code: {', '.join(_CODE_KINDS)}; of text: "
            f"{', '.join(_TEXT_KINDS)}, after [markdown]"
        )
    if words[0] not in known:
        needs = "text: write [markdown] before it" if words[0] in _TEXT_KINDS else "code"
        raise HeaderError(f"{words[0]!r} is a kind of {needs}")
    kinds = [words.pop(0)]
    while words and words[0] in _TAGS and kinds[0] in _TAGS and words[0] in known:
        kinds.append(words.pop(0))
    name = words.pop(0) if words else ""
    if words:
        raise HeaderError(f"{' '.join(words)!r} is too much: a cell has one name")
    if kinds[0] in _NAMED and not name:
        raise HeaderError(f"a cell of kind {kinds[0]} needs a name, such as `{kinds[0]} corr2d`")
    if name and kinds[0] not in (*_NAMED, "setup"):
        raise HeaderError(f'a cell of kind {kinds[0]} has no name; write a title as "{name}"')
    options, extra = _options(kinds[0], given)
    return Header(is_text, tuple(kinds), name, title, options, extra)


def _tokens(text: str) -> tuple[list[str], str, dict[str, Any]]:
    """The words, the title, and the values of a header by their keys."""
    words, title, given, position = [], "", {}, 0
    decoder = json.JSONDecoder()
    while position < len(text.rstrip()):
        found = _TOKEN.match(text, position)
        if found is None:
            raise HeaderError(f"{text[position:].strip()!r} cannot be read")
        position = found.end()
        if found["title"] is not None:
            title = found["title"]
        elif found["word"]:
            words.append(found["word"])
        else:
            try:
                given[found["key"]], position = decoder.raw_decode(text, position)
            except json.JSONDecodeError:
                bare = _BARE.match(text, position)
                if bare is None:
                    raise HeaderError(f"{found['key']}= has no value that can be read") from None
                given[found["key"]], position = bare[0], bare.end()
    return words, title, given


def _options(kind: str, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The options of the grammar, and the rest. Raises HeaderError for a bad value."""
    options = {key: given[key] for key in _keys(kind) if key in given}
    for key, value in options.items():
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if key == "points" and not (number and value > 0):
            raise HeaderError(f"points={value}: points are a number greater than 0")
        if key == "minutes" and not (number and value > 0):
            raise HeaderError(f"minutes={value}: minutes are a number greater than 0")
        if key == "level" and value not in LEVELS:
            raise HeaderError(f"level={value}: levels are {', '.join(LEVELS)}")
        if key == "lecture" and not isinstance(value, str):
            raise HeaderError(f'lecture={value}: a lecture is text, such as "Max Pooling"')
    for key in given.keys() - options.keys() - set(_OPTIONS):
        if near := get_close_matches(key, _OPTIONS, 1, 0.75):
            raise HeaderError(f"{key}= is no option. Did you mean {near[0]}=?")
    if kind in ("check", "question") and "points" not in options:
        raise HeaderError(f"a cell of kind {kind} needs points, such as points=2")
    extra = {key: value for key, value in given.items() if key not in options}
    for key in ("points", *_FACTS):
        if key in extra:
            raise HeaderError(f"a cell of kind {kind} has no {key}")
    return options, extra


def _keys(kind: str) -> tuple[str, ...]:
    return {
        "answer": ("id", "minutes", "level", "lecture"),
        "check": ("points", "id"),
        "question": ("points", "minutes", "level", "id"),
        "hint": (),
    }.get(kind, ("id", "locked"))


def _plain(value: Any) -> str:
    text = str(value) if isinstance(value, str) and _BARE.fullmatch(value) else json.dumps(value)
    return text


def header_of(cell_type: str, metadata: Mapping[str, Any], source: str) -> Header:
    """The header of a notebook's cell: the inverse of ``metadata`` and ``first_line``.

    Metadata that no kind has is kept in ``extra``.
    """
    rest = deepcopy(dict(metadata))
    rest.pop("lines_to_next_cell", None)
    is_text = cell_type == "markdown"
    for header in _guesses(is_text, rest, source):
        made = header.metadata
        if all(_holds(rest.get(key), value) for key, value in made.items()):
            extra = {key: value for key, value in rest.items() if key not in made}
            return Header(is_text, header.kinds, header.name, header.title, header.options, extra)
    return Header(is_text, extra=rest)


def _holds(given: Any, made: Any) -> bool:
    """Whether the cell has the metadata of the header; a checksum comes from nbgrader."""
    if isinstance(given, dict) and isinstance(made, dict):
        return {key: value for key, value in given.items() if key != "checksum"} == made
    return bool(given == made)


def _guesses(is_text: bool, metadata: Mapping[str, Any], source: str) -> list[Header]:
    """Headers that may stand for the metadata, the most likely first."""
    facts = metadata.get("nbgrader") or {}
    tags = metadata.get("tags") or []
    grade_id, exercise = facts.get("grade_id", ""), metadata.get("exercise", "")
    options = {key: metadata[key] for key in _FACTS if key in metadata}
    titled = _TITLE_LINE.fullmatch(source.partition("\n")[0])
    title = titled[1] if titled and "cellView" in metadata else ""
    if is_text:
        if "hint" in tags:
            return [Header(True, ("hint",), exercise)]
        points = {"points": facts.get("points")} if facts else {}
        return [Header(True, ("question",), grade_id, options=points | options)] if facts else []
    if facts.get("grade"):
        points = facts.get("points", 0)
        kind = "check" if points else "try"
        label = metadata.get("label", "") if points else title
        given = {"points": points} if points else {}
        return [_with_id(kind, exercise or grade_id, label, given, grade_id)]
    if facts.get("solution"):
        return [_with_id("answer", exercise or grade_id, title, options, grade_id)]
    kinds = tuple(kind for kind in ("setup", "train", "figure", "hand-in") if _has(tags, kind))
    if facts and not kinds:
        return [Header(False, ("given",), grade_id, title)]
    if not kinds:
        return []
    if "setup" in kinds:
        return [Header(False, kinds, "" if grade_id == "setup" else grade_id, title)]
    extra = {"id": grade_id} if facts else {}
    locked = {"locked": True} if facts.get("locked") else {}
    return [
        Header(False, order, "", title, extra | locked)
        for order in (kinds, kinds[::-1], (*kinds[1:], kinds[0]))
    ]


def _has(tags: list[str], kind: str) -> bool:
    return all(tag in tags for tag in _TAGS[kind])


def _with_id(kind: str, name: str, title: str, options: Mapping[str, Any], grade_id: str) -> Header:
    own = {} if _default_id(kind, name) == grade_id else {"id": grade_id}
    return Header(False, (kind,), name, title, {**options, **own})
