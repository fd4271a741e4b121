"""The tour in the docs is what the product finds today."""

from __future__ import annotations

from scripts.tour import PAGE, STOPS, tour


def test_the_tour_is_up_to_date() -> None:
    assert len(STOPS) >= 30
    assert tour() == PAGE.read_text("utf-8"), (
        "look at what changed, then write the page again: python -m scripts.tour > docs/tour.md"
    )
