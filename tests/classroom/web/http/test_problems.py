"""Every error of the domain has one answer, and the domain knows nothing of it."""

from __future__ import annotations

import pytest

from classroom import errors
from classroom.errors import ClassroomError, NotFound, Refused
from classroom.web.http.problems import ANSWERS, status_of
from tests.classroom.world import (
    World,
    assert_problem,
)


def below(kind: type[ClassroomError]) -> set[type[ClassroomError]]:
    """An error and all errors that inherit from it, of every room."""
    return {kind}.union(*(below(one) for one in kind.__subclasses__()))


def test_every_error_that_a_request_can_meet_has_a_status_and_a_title() -> None:
    assert below(Refused) | {NotFound} <= set(ANSWERS)
    assert all(400 <= status < 500 and title for status, title in ANSWERS.values())


@pytest.mark.parametrize("kind", sorted(below(ClassroomError), key=lambda kind: kind.__name__))
def test_an_error_of_the_domain_knows_no_http(kind: type[ClassroomError]) -> None:
    assert not hasattr(kind, "status")
    assert not hasattr(kind, "title")


def test_a_status_is_found_for_an_error_and_for_its_class() -> None:
    error = errors.Closed("over")
    assert status_of(error) == status_of(errors.Closed) == 409


def test_what_is_not_there_is_told_by_its_kind_alone(small_world: World) -> None:
    body = assert_problem(small_world.get("", slug="secret-slug"), 404)
    assert body["detail"] == "There is no such competition."


def test_errors_of_the_framework_are_problem_documents_too(small_world: World) -> None:
    assert_problem(small_world.client.get("/nothing"), 404)
    reply = small_world.client.delete("/api/v1/competitions/places/leaderboard")
    assert_problem(reply, 405)
    assert reply.headers["allow"] == "GET"
