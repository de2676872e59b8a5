"""Hidden scores and labels do not leave the server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from tests.classroom.world import (
    LABELS,
    PICTURES,
    World,
    bearer,
    file_with,
    half_right,
)

GOOD = file_with(np.ones(PICTURES, bool))


def numbers_in(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        for one in value.values():
            yield from numbers_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from numbers_in(one)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


@pytest.mark.parametrize("rule", ["ladder", "rounded"])
@pytest.mark.parametrize("metric", ["top5_error", "top1_accuracy"])
def test_no_student_path_leads_to_a_label_or_a_hidden_score(
    small_world: World, rule: str, metric: str
) -> None:
    """Every answer of the API to a student, before the end.

    Public hits are 17, 18 and 12 of 30, private hits 23, 29 and 26. The answers must not contain a
    private number, or a public number that the rule holds back, in any form.
    """
    world = small_world
    world.competition(public_score=rule, metric=metric, daily_limit=10)
    ada, alan = world.student("ada"), world.student("alan")
    answers: list[Any] = []
    for public, private in ((17, 23), (18, 29), (12, 26)):
        right = half_right(world.public(), public, private)
        answers.append(world.submit(ada, file_with(right)))
        answers.append(world.submit(ada, file_with(right)))
    answers.append(world.submit(ada, GOOD.replace(b" 0 ", b" zero ", 1)))
    world.submit(alan, file_with(half_right(world.public(), 5, 26)))
    answers.append(world.put("/submissions/final", ada, {"ids": [1, 3]}))
    answers.append(world.put("/submissions/final", ada, {"ids": [7]}))
    answers.append(world.put("/name", ada, {"show_real_name": True}))
    paths = world.client.get("/api/v1/openapi.json").json()["paths"]
    for path, operations in paths.items():
        for method in ("get", "head", "options", "delete", "patch", *operations):
            for headers in ({}, bearer(ada), bearer("wrong")):
                address = path.replace("{slug}", "places")
                answers.append(world.client.request(method, address, headers=headers))
    assert len(answers) > 80
    with world.db.read() as session:
        stored = session.execute(text("SELECT secret, labels FROM competition")).one()
    hidden = [private / 30 for private in (23, 29, 26)]
    hidden += [all_ / 60 for all_ in (40, 47, 38, 31)]
    hidden += [18 / 30] if rule == "ladder" else [17 / 30, 18 / 30, 12 / 30, 5 / 30]
    for answer in answers:
        assert stored.secret not in answer.text
        assert answer.status_code < 500
        try:
            body = json.loads(answer.text)
        except ValueError:
            assert answer.text == ""
            continue
        assert str(LABELS.tolist())[1:-1] not in answer.text
        for number in numbers_in(body):
            for secret in hidden:
                assert abs(number - secret) > 1e-6, answer.text
                assert abs(1 - number - secret) > 1e-6, answer.text


def test_answers_depend_on_private_pictures_in_nothing(small_world: World) -> None:
    """Two students whose files differ on private pictures only read the same."""
    world = small_world
    world.competition(daily_limit=10)
    replies = []
    for extra in (0, 30):
        token = world.student()
        seen = []
        for public in (10, 12, 20):
            right = half_right(world.public(), public, extra)
            reply = world.taken(token, file_with(right))
            seen.append(
                {key: reply[key] for key in ("public_score", "best_public_score", "improved")}
            )
        replies.append(seen)
    assert replies[0] == replies[1]
