"""Every answer has strict security headers."""

from __future__ import annotations

from tests.classroom.world import (
    World,
)


def test_every_answer_carries_strict_headers(small_world: World) -> None:
    small_world.competition()
    for reply in (
        small_world.get("/leaderboard"),
        small_world.get("/submissions/mine"),
        small_world.client.get("/nothing"),
        small_world.client.get("/api/v1/openapi.json"),
    ):
        policy = reply.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["x-frame-options"] == "DENY"
        assert reply.headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in reply.headers
    secure = small_world.client.get("https://testserver/nothing")
    assert "strict-transport-security" in secure.headers
