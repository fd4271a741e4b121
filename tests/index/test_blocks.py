"""Posting blocks come back as they went in, and damage is told."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.document import TokenOffsets
from index.engines.whoosh.blocks import pack, unpack
from index.engines.whoosh.schema import decode_offsets, decode_positions, encode_offsets, encode_positions
from index.errors import IndexDamagedError

numbers = st.integers(0, (1 << 32) - 1)
postings = st.dictionaries(numbers, st.lists(numbers, min_size=1, max_size=5), min_size=1, max_size=20)
spans = st.lists(st.tuples(st.integers(0, 100_000), st.integers(1, 70_000)), max_size=30)


@given(found=postings, weighted=st.booleans())
def test_a_block_comes_back(found: dict[int, list[int]], *, weighted: bool) -> None:
    documents = sorted(found)
    counts = [len(found[document]) for document in documents]
    weights = [count * (0.3 if weighted else 1.0) for count in counts]
    positions = [position for document in documents for position in sorted(found[document])]
    block = unpack(pack(documents, counts, weights, encode_positions(positions)))
    assert block.documents.tolist() == documents
    assert block.counts.tolist() == counts
    assert block.weights.tolist() == weights
    assert block.positions.tolist() == positions


@pytest.mark.parametrize("length", [0, 3, 15, 20])
def test_a_short_block_is_damage(length: int) -> None:
    block = pack([1, 2, 300], [1, 1, 2], [1.0, 1.0, 2.0], encode_positions([1, 2, 3, 4]))
    with pytest.raises(IndexDamagedError, match="rebuild"):
        unpack(block[:length])


def test_other_bytes_are_damage() -> None:
    with pytest.raises(IndexDamagedError, match="expected a posting block"):
        unpack(b"W3Bl" + bytes(40))


@given(gaps=spans)
def test_token_offsets_come_back(gaps: list[tuple[int, int]]) -> None:
    starts, ends, at = array("I"), array("I"), 0
    for gap, length in gaps:
        starts.append(at + gap)
        ends.append(at + gap + length)
        at += gap + length
    assert decode_offsets(encode_offsets(TokenOffsets(starts, ends))) == TokenOffsets(starts, ends)


def test_positions_come_back() -> None:
    assert decode_positions(encode_positions([0, 7, 1 << 31])).tolist() == [0, 7, 1 << 31]
