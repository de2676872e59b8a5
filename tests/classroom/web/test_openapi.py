"""The service follows its OpenAPI document for every request."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from classroom.storage.database import Database
from tests.classroom.operations import OPERATIONS
from tests.classroom.world import PICTURES, World, bearer, file_with

EXAMPLES = 20


@pytest.fixture(scope="module")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("openapi")
    with Database(f"sqlite:///{folder / 'board.db'}") as db:
        world = World(db)
        world.competition(daily_limit=10_000)
        yield world


@pytest.fixture(scope="module")
def token(open_world: World) -> str:
    token = open_world.student()
    open_world.taken(token, file_with(np.ones(PICTURES, bool)))
    return token


def test_the_document_names_every_operation(open_world: World) -> None:
    document = open_world.client.get("/api/v1/openapi.json").json()
    named = {(path, method.upper()) for path, all_ in document["paths"].items() for method in all_}
    assert named == set(OPERATIONS)
    for path, method in named:
        for status, answer in document["paths"][path][method.lower()]["responses"].items():
            kind = "application/json" if status < "400" else "application/problem+json"
            assert list(answer["content"]) == [kind], (path, method, status)


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_answer_is_one_that_the_document_names(
    open_world: World, token: str, path: str, method: str, mode: GenerationMode
) -> None:
    api = schemathesis.openapi.from_asgi("/api/v1/openapi.json", open_world.app)
    operation = api[path][method]
    sent = 0
    # A schema cannot say whether a file is right, or a submission belongs to the student.
    inside = method == "POST" or path.endswith("/final")
    excluded = [positive_data_acceptance] if inside else []

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode), known=st.integers(0, 3))
    def send(case: schemathesis.Case, known: int) -> None:
        nonlocal sent
        sent += 1
        if known and mode is GenerationMode.POSITIVE:
            case.path_parameters = {"slug": "places"}
        case.call_and_validate(headers=bearer(token), excluded_checks=excluded)

    try:
        send()
    except Unsatisfiable:
        assert (method, mode) == ("GET", GenerationMode.NEGATIVE), "a GET can have nothing wrong"
        return
    assert sent
