"""Which segments are merged, and how few are left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.engines.embedded import merge_policy, writer
from index.engines.embedded.commit_point import generations
from index.engines.embedded.generation import open_newest
from index.engines.embedded.merge_policy import (
    GROWTH,
    MERGE_FACTOR,
    range_at_end,
    range_during_run,
    range_with_deletions,
)
from index.engines.embedded.segments import SegmentSet
from index.engines.embedded.store import EmbeddedStore
from tests.engines.articles import ZONE, article

SIXTEEN = [10] * MERGE_FACTOR


@pytest.mark.parametrize(
    ("live", "merged"),
    [
        ([], None),
        ([10], None),
        (SIXTEEN[1:], None),
        (SIXTEEN, (0, 16)),
        ([2000, *SIXTEEN], (1, 17)),
        ([10, 1, 64, 3] * 4, (0, 16)),
        ([2000] * 15 + [10], None),
        ([2000] * 16 + [10], (0, 16)),
        ([1_000_000, *([10, 2000] * 8)], (1, 17)),
        ([1_000_000] * 16, None),
    ],
)
def test_during_a_run_segments_of_similar_size_are_merged(live: list[int], merged: tuple[int, int] | None) -> None:
    assert range_during_run(live) == merged


@pytest.mark.parametrize(
    ("live", "first_new", "merged"),
    [
        ([], 0, None),
        ([10], 0, None),
        ([7_000, 7_000, 1], 0, (0, 3)),
        ([7_000, 1], 0, (0, 2)),
        ([7_000, 1], 1, None),
        ([7_000, 1, 1], 1, (1, 3)),
        ([7_000, 1, 1], 2, (1, 3)),
        ([7_000, 2_000, 400], 1, (0, 3)),
        ([7_000, 2_000, 400], 2, (0, 3)),
        ([7_000, 2_000, 300], 2, None),
        ([5_000_000, 4_000_000], 1, None),
        ([4_000_000, 4_000_000, 4_000_000], 0, (1, 3)),
    ],
)
def test_at_the_end_of_a_run_what_it_wrote_is_one_segment(
    live: list[int], first_new: int, merged: tuple[int, int] | None
) -> None:
    assert range_at_end(live, first_new) == merged


@given(st.lists(st.integers(1, 3_000), min_size=1, max_size=60))
def test_however_articles_come_few_segments_are_left_and_few_are_rewritten(runs: list[int]) -> None:
    live: list[int] = []
    written = 0
    for documents in runs:
        live.append(documents)
        while (bounds := range_at_end(live, len(live) - 1)) is not None:
            begin, end = bounds
            written += sum(live[begin:end])
            live[begin:end] = [sum(live[begin:end])]
    for number, size in enumerate(live):
        assert sum(live[number + 1 :]) * GROWTH <= size
    total = sum(runs)
    levels = 1
    while (1 + 1 / GROWTH) ** levels < total:
        levels += 1
    assert written <= total * levels


def test_a_segment_with_many_deletions_is_rewritten() -> None:
    assert range_with_deletions([100, 100], [90, 50]) == (1, 2)
    assert range_with_deletions([100, 100], [90, 70]) is None


@pytest.fixture
def segments(tmp_path: Path) -> Callable[[], list[int]]:
    """Return the live documents of each segment of the newest generation."""

    def read() -> list[int]:
        directory = next(path for path in tmp_path.iterdir() if path.is_dir())
        return [int(live.sum()) for live in open_newest(tmp_path, directory.name).live]

    return read


def test_a_run_of_many_commits_leaves_one_segment(tmp_path: Path, segments: Callable[[], list[int]]) -> None:
    with EmbeddedStore(str(tmp_path)).writer(create=ZONE.key) as opened:
        for number in range(7):
            opened.add([article(str(number), "book pen ink")])
            opened.begin_commit().wait()
        assert segments() == [1] * 7
        opened.commit()
    assert segments() == [7]


def test_the_end_of_a_run_is_kept_though_nothing_was_added_since(
    tmp_path: Path, segments: Callable[[], list[int]]
) -> None:
    with EmbeddedStore(str(tmp_path)).writer(create=ZONE.key) as opened:
        opened.add([article("1", "book"), article("2", "pen")])
        opened.begin_commit().wait()
        opened.commit()
        assert segments() == [2]
        before = sorted(tmp_path.rglob("*"))
        opened.commit()
        assert sorted(tmp_path.rglob("*")) == before


def test_spilled_segments_become_one(
    tmp_path: Path, segments: Callable[[], list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.engines.embedded.segments.SPILL_TOKENS", 20)
    with EmbeddedStore(str(tmp_path)).writer(create=ZONE.key) as opened:
        opened.add([article(str(number), "book pen ink " * 3) for number in range(40)])
        opened.commit()
        assert segments() == [40]
        opened.rebuild(article(str(number), "book pen ink " * 3) for number in range(40))
    assert segments() == [40]


def test_a_failed_end_of_a_run_can_be_repeated(
    tmp_path: Path, segments: Callable[[], list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with EmbeddedStore(str(tmp_path)).writer(create=ZONE.key) as opened:
        for number in range(3):
            opened.add([article(str(number), "book")])
            opened.begin_commit().wait()
        with monkeypatch.context() as failing:

            def full(*_: object) -> None:
                raise OSError(28, "No space left on device")

            failing.setattr(SegmentSet, "_merge", full)
            with pytest.raises(Exception, match="No space left"):
                opened.commit()
        assert segments() == [1, 1, 1]
        opened.commit()
    assert segments() == [3]


def test_the_generation_before_a_large_merge_does_not_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with EmbeddedStore(str(tmp_path)).writer(create=ZONE.key) as opened:
        directory = tmp_path / opened.manifest.directory
        for number in range(3):
            opened.add([article(str(number), "book pen")])
            opened.begin_commit().wait()
        assert len(generations(directory)) == 2
        monkeypatch.setattr(writer, "KEPT_BYTES", 0)
        opened.commit()
        assert len(generations(directory)) == 1
        assert len(list(directory.glob("*.seg"))) == 1


def test_the_largest_segments_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge_policy, "MAX_DOCUMENTS", 4)
    with EmbeddedStore(str(tmp_path)).writer(create=ZONE.key) as opened:
        for number in range(12):
            opened.add([article(str(number), "book")])
            opened.commit()
        directory = opened.manifest.directory
    live = [int(each.sum()) for each in open_newest(tmp_path, directory).live]
    assert sum(live) == 12
    assert max(live) <= 8
