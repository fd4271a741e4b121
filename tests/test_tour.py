"""The tour in the docs has the current results of Judhur."""

from __future__ import annotations

from scripts.tour import PAGE, STOPS, tour


def test_the_tour_is_up_to_date() -> None:
    assert len(STOPS) >= 30
    assert tour() == PAGE.read_text("utf-8"), (
        "check what changed, then generate the page: python -m scripts.tour > docs/tour.md"
    )
