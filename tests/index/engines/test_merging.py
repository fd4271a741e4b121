"""A merge does not change any answer."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from index.engines.embedded import segment_builder
from index.engines.embedded.generation import open_newest
from index.engines.embedded.merging import merge
from index.engines.embedded.segment import Segment
from index.schema import FacetField, TokenField
from tests.engines.articles import ZONE, article, day
from tests.index.embedded import open_writer


def test_a_merge_keeps_tokens_words_terms_and_postings(tmp_path: Path) -> None:
    texts = ["book pen of book", "", "al-book ink", "pen pencil x" * 3, "dove", "booze of ink"]
    with open_writer(str(tmp_path), create=ZONE.key) as writer:
        for number, text in enumerate(texts):
            values = {"title": f"pen {number}", "source": "xy"[number % 2], "agencies": ("r", "t")[: number % 3]}
            writer.add([article(str(number), text, published=day("2025-01-01"), **values)])
            if number % 2:
                writer.begin_commit().wait()
        directory = tmp_path / writer.manifest.directory
    generation = open_newest(tmp_path, directory.name)
    live = [np.ones(segment.documents, bool) for segment in generation.segments]
    live[1][0] = False  # document 2
    path = directory / "MAIN_merged.seg"
    merged = Segment(path, checksum=merge(path, generation.segments, live))
    kept = [0, 1, 3, 4, 5]
    assert [merged.document_id(number) for number in range(merged.documents)] == [str(number) for number in kept]
    expected = list(
        itertools.chain.from_iterable(laid_open(s, known) for s, known in zip(generation.segments, live, strict=True))
    )
    assert laid_open(merged, np.ones(5, bool)) == expected
    assert sum(segment.words for segment in generation.segments) == merged.words
    for number in range(merged.words):
        segment, place = generation.word_owner(number)
        assert merged.terms_of(number) == segment.terms_of(place)
        assert merged.written_form(number) == segment.written_form(place)
    assert postings(merged) == inverted(merged)


def test_a_segment_that_is_older_than_a_facet_has_no_value_of_it_and_is_merged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {"section": "art", "agencies": ("r", "t")}
    with open_writer(str(tmp_path), create=ZONE.key) as writer:
        with monkeypatch.context() as before:
            before.setattr(segment_builder, "FacetField", [FacetField.SOURCE, FacetField.AUTHOR])
            writer.add([article("old", "book", **values), article("older", "book", **values)])
            writer.begin_commit().wait()
        writer.add([article("new", "book", **values)])
        writer.begin_commit().wait()
        directory = tmp_path / writer.manifest.directory
    old, new = open_newest(tmp_path, directory.name).segments
    path = directory / "MAIN_merged.seg"
    merged = Segment(path, checksum=merge(path, [old, new], [np.ones(2, bool), np.ones(1, bool)]))

    assert values_of(old, FacetField.SECTION) == [("-",), ("-",)]
    assert values_of(old, FacetField.AGENCY) == [(), ()]
    assert values_of(merged, FacetField.SECTION) == [("-",), ("-",), ("art",)]
    assert values_of(merged, FacetField.AGENCY) == [(), (), ("r", "t")]


def values_of(segment: Segment, facet: FacetField) -> list[tuple[str, ...]]:
    """Return the values of a facet that each document has."""
    labels, starts, ordinals = segment.facet(facet)
    found = [labels[ordinal] for ordinal in ordinals.tolist()]
    bounds = range(len(found) + 1) if starts is None else starts.tolist()
    return [tuple(found[begin:end]) for begin, end in itertools.pairwise(bounds)]


def laid_open(segment: Segment, live: np.ndarray) -> list[tuple[object, ...]]:
    """Return all that a segment says of each of its documents that are left."""
    starts = segment.section_starts.tolist()
    columns = [column.whole().tolist() for column in (segment.tokens, segment.token_starts, segment.token_lengths)]
    rows: list[tuple[object, ...]] = []
    for number in np.flatnonzero(live).tolist():
        begin, middle, end = starts[2 * number : 2 * number + 3]
        rows.append((segment.document_id(number), *(column[begin:middle] for column in columns)))
        rows.append((segment.days[number], segment.timestamps[number], *(column[middle:end] for column in columns)))
    return rows


def postings(segment: Segment) -> dict[int, list[tuple[int, int, int, list[int]]]]:
    """Return for each word its documents with the frequencies in title and body, and all its addresses."""
    found = {}
    addresses = segment.occurrences.whole().tolist()
    for place, word in enumerate(segment.present.tolist()):
        begin, end = segment.posting_starts[place : place + 2].tolist()
        first, last = segment.occurrence_starts[place : place + 2].tolist()
        columns = [column.whole() for column in (segment.posting_documents, *segment.frequencies.values())]
        rows = zip(*(column[begin:end].tolist() for column in columns), strict=True)
        found[word] = [(document, title, body, addresses[first:last]) for document, title, body in rows]
    return found


def inverted(segment: Segment) -> dict[int, list[tuple[int, int, int, list[int]]]]:
    """Return what `postings` must return, worked out from the tokens one by one: stop words have no postings."""
    found: dict[int, dict[int, list[int]]] = {}
    addresses: dict[int, list[int]] = {}
    for which, (begin, end) in enumerate(itertools.pairwise(segment.section_starts.tolist())):
        for address in range(begin, end):
            word = int(segment.tokens.whole()[address])
            owner = word - segment.first_word
            if any(term.field is TokenField.SURFACE for term in segment.terms_of(owner)):
                found.setdefault(word, {}).setdefault(which // 2, [0, 0])[which % 2] += 1
                addresses.setdefault(word, []).append(address)
    return {
        word: [(document, title, body, addresses[word]) for document, (title, body) in sorted(rows.items())]
        for word, rows in sorted(found.items())
    }
