"""The reference of the site's HTTP API, from its OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import TemporaryDirectory
from typing import Any

from docs.generated.markdown import code, joined, plain, table


def document() -> dict[str, Any]:
    """The OpenAPI document of a site without data."""
    from classroom.storage.database import Database
    from classroom.web.app import create_app
    from classroom.web.service import Service

    with TemporaryDirectory() as folder, Database(f"sqlite:///{folder}/empty.db") as database:
        made: dict[str, Any] = create_app(Service(database)).openapi()
    return made


def markdown() -> str:
    """A section for each operation: the fields of its answer, and its errors."""
    found = document()
    operations = [
        _operation(method.upper(), path, about, found["components"]["schemas"])
        for path, methods in found["paths"].items()
        for method, about in methods.items()
    ]
    return joined(*operations)


def _operation(method: str, path: str, about: dict[str, Any], schemas: dict[str, Any]) -> str:
    answers, errors = [], []
    for status, one in sorted(about["responses"].items()):
        if status < "400":
            schema = one["content"]["application/json"]["schema"]
            answers += [f"Answer {code(status)}:", _fields(schema, schemas)]
        else:
            errors.append(f"{code(status)} {plain(one['description'])}")
    return joined(
        f"## {method} {plain(path)}",
        *map(plain, about.get("description", "").split("\n\n")),
        *answers,
        f"Errors: {', '.join(errors)}.",
    )


def _fields(schema: dict[str, Any], schemas: dict[str, Any]) -> str:
    """The fields of an object, with the fields of its lists under ``NAME[].``."""
    return table(("field", "type"), _rows(schema, schemas, ""))


def _rows(schema: dict[str, Any], schemas: dict[str, Any], above: str) -> Iterator[tuple[str, str]]:
    schema = _resolved(schema, schemas)
    if schema.get("type") == "array":
        yield from _rows(schema["items"], schemas, f"{above}[].")
        return
    for name, about in schema.get("properties", {}).items():
        one = _resolved(about, schemas)
        yield code(f"{above}{name}".replace(".[]", "[]")), _kind(one, schemas)
        if one.get("type") == "array":
            yield from _rows(one, schemas, f"{above}{name}")


def _resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        found: dict[str, Any] = schemas[schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def _kind(schema: dict[str, Any], schemas: dict[str, Any]) -> str:
    schema = _resolved(schema, schemas)
    if "anyOf" in schema:
        return " or ".join(_kind(one, schemas) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return ", ".join(code(str(one)) for one in schema.get("enum", [schema.get("const")]))
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"list of {_kind(schema['items'], schemas)}"
    return str(schema.get("format", kind)) if kind == "string" else kind
