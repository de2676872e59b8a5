"""What the pages show to whom, and which forms they take."""

from __future__ import annotations

from tests.leaderboard.world import World


def test_a_board_without_entries_is_a_page_too(small_world: World) -> None:
    small_world.competition()
    page = small_world.client.get("/c/places", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "The first entry leads." in page.text
