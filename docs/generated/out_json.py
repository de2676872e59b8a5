"""The reference of ``out.json``, from its schema in ``docs/out.schema.json``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docs.generated.markdown import code, joined, plain, table

SCHEMA = Path(__file__).resolve().parents[1] / "out.schema.json"


def markdown() -> str:
    """A section for each kind of object, and for each list of words."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return joined(*(_section(name, one) for name, one in schema["$defs"].items()))


def _section(name: str, one: dict[str, Any]) -> str:
    said = plain(one["description"])
    if "enum" in one:
        return joined(f"## {name}", said, ", ".join(map(code, one["enum"])) + ".")
    rows = [
        (code(field), _kind(about), plain(about.get("description", "")))
        for field, about in one["properties"].items()
    ]
    return joined(f"## {name}", said, table(("field", "type", "meaning"), rows))


def _kind(about: dict[str, Any]) -> str:
    """The type of a field in words; objects and lists of words link to their sections."""
    if "$ref" in about:
        name = about["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in about:
        return " or ".join(_kind(one) for one in about["anyOf"])
    if about["type"] == "array":
        return f"list of {_kind(about['items'])}"
    return str(about["type"])
