from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from autograder.cli.schema import as_text, out_schema
from autograder.results import Outcome
from tests.courses.results import result

ROOT = Path(__file__).resolve().parents[3]


def written(**fields: Any) -> list[Any]:
    """The output of ``grade --json`` for one notebook, read again."""
    read: list[Any] = json.loads(json.dumps([result(**fields).public()]))
    return read


def test_the_schema_in_the_docs_is_fresh() -> None:
    """To renew it: ``python -m autograder.cli.schema > docs/out.schema.json``."""
    assert (ROOT / "docs" / "out.schema.json").read_text() == as_text()


def test_the_schema_explains_every_field() -> None:
    schema = out_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for name in ("PublicNotebook", "PublicTest"):
        fields = schema["$defs"][name]["properties"]
        assert all(len(field["description"]) > 10 for field in fields.values())
        assert set(schema["$defs"][name]["required"]) == fields.keys()


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_result_keeps_to_the_schema(outcome: Outcome) -> None:
    one = result()
    tests = tuple(replace(test, outcome=outcome) for test in one.tests)
    jsonschema.validate(written(outcome=outcome, time_doubt="unclear"), out_schema())
    jsonschema.validate(json.loads(json.dumps([replace(one, tests=tests).public()])), out_schema())


@pytest.mark.parametrize(
    "change",
    [
        {"points": "1"}, {"outcome": "great"}, {"tests": [{}]}, {"notes": None}, {"more": 1},
        {"student": 3},
    ],
    ids=str,
)  # fmt: skip
def test_the_schema_refuses_other_data(change: dict[str, Any]) -> None:
    (one,) = written()
    jsonschema.validate([one], out_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate([one | change], out_schema())
    del one["seconds"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate([one], out_schema())
