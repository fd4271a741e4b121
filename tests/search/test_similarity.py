"""Words that are spelled alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.similarity import MOST_NEIGHBOURS, nearest, similarity

words = st.text("ابتثرسن", min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("كتاب", "كتاب", 1.0),
        ("كتاب", "قلم", 0.0),
        ("بت", "بث", 2 / 10),  # the beginning, of five runs each
        ("بيرووت", "بيروت", 10 / 12),
    ],
)
def test_similarity_is_the_share_of_common_runs(one: str, other: str, expected: float) -> None:
    assert similarity(one, other) == pytest.approx(expected, abs=0.01)


@given(words, words)
def test_similarity_is_symmetric_and_whole_for_the_same_word_only(one: str, other: str) -> None:
    assert similarity(one, other) == similarity(other, one)
    assert 0 <= similarity(one, other) <= 1
    assert similarity(one, one) == 1


def test_the_nearest_come_first_and_far_ones_not_at_all() -> None:
    found = nearest("بوتينن", ["بوتين", "بوتينات", "تنين", "قلم", "بوتين"])
    assert [word for word, _ in found] == ["بوتين", "بوتينات"]
    assert found[0][1] > found[1][1]


def test_neighbours_are_limited() -> None:
    others = [f"كتاب{letter}{second}" for letter in "ابتثجحخدذر" for second in "ابتثجحخدذر"]
    assert len(nearest("كتاب", others)) == MOST_NEIGHBOURS
    assert nearest("كتاب", []) == []
