"""The JSON schema of ``autograder grade --json FILE``.

``python -m autograder.cli.schema > docs/out.schema.json`` writes it.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from pydantic import ConfigDict, TypeAdapter, with_config
from pydantic.json_schema import GenerateJsonSchema

from autograder.results import PublicNotebook, PublicTest

# Explain a field by the text under it, and allow no field besides.
_CONFIG = ConfigDict(use_attribute_docstrings=True, extra="forbid")


class _Schema(GenerateJsonSchema):
    def field_title_should_be_set(self, schema: Any) -> bool:
        return False  # "Grade Id" says no more than the name


def out_schema() -> dict[str, Any]:
    """The schema of a list with an object for each student and notebook."""
    for model in (PublicTest, PublicNotebook):
        with_config(_CONFIG)(model)
    schema = TypeAdapter(list[PublicNotebook]).json_schema(schema_generator=_Schema)
    head = {"$schema": _Schema.schema_dialect, "title": "Results of autograder grade --json"}
    return head | schema


def as_text() -> str:
    """The schema as it stands in ``docs/out.schema.json``."""
    return json.dumps(out_schema(), indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(as_text())
