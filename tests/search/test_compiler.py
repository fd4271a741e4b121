"""Queries on a cluster: stop words are looked for in the slots, by the letters in which the index has them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from index.engines.opensearch.encoding import Keys
from index.schema import Section
from search.engines.opensearch.compiler import Compiler, Query
from search.query import AtLeast, Near, Node, Not, Phrase, Prefix, Term
from tests.engines.articles import term, written

SPELLINGS = {"of": ("o'f", "of"), "in": ("in",)}


class Vocabulary:
    """Knows the spellings of two stop words, and no other words."""

    def keys(self, node: Term | Prefix) -> Keys:
        return np.arange(len(SPELLINGS.get(node.text, ())), dtype=np.int64)

    def written(self, node: Term) -> tuple[str, ...]:
        return SPELLINGS.get(node.text, ())


BOOK, OF, IN, ABSENT = (
    term("book", sections=(Section.BODY,)),
    term("of", 1, sections=(Section.BODY,)),
    term("in", 2, sections=(Section.BODY,)),
    dataclasses.replace(term("of", 3, sections=(Section.BODY,)), text="absent"),
)
EXACT = dataclasses.replace(BOOK, alternatives=BOOK.alternatives[:1])


def span(name: str) -> Query:
    return {"span_term": {"body": name}}


EITHER = {"span_or": {"clauses": [span("wo'f"), span("wof")]}}


@pytest.mark.parametrize(
    ("node", "query"),
    [
        (OF, {"terms": {"body": ["wo'f", "wof"]}}),
        (Not(IN), {"bool": {"must_not": [{"terms": {"body": ["win"]}}]}}),
        (dataclasses.replace(IN, within=50), {"span_first": {"match": span("win"), "end": 50}}),
        (
            Phrase((EXACT, OF, IN), (0, 1, 2)),
            {"span_near": {"clauses": [span("sbook"), EITHER, span("win")], "slop": 0, "in_order": True}},
        ),
        (Phrase((OF, IN), (0, 1)), {"span_near": {"clauses": [EITHER, span("win")], "slop": 0, "in_order": True}}),
        (
            Near((EXACT, IN), 3),
            {"span_near": {"clauses": [span("sbook"), span("win")], "slop": 3, "in_order": False}},
        ),
        (Phrase((EXACT, ABSENT), (0, 1)), {"match_none": {}}),
        (ABSENT, {"match_none": {}}),
    ],
)
def test_stop_words_are_found_by_their_written_letters(node: Node, query: Query) -> None:
    assert Compiler(Vocabulary()).matching(node) == query


def test_a_stop_word_of_both_sections_is_not_looked_for_among_the_counted_words() -> None:
    query = Compiler(Vocabulary()).matching(written("in"))
    titles, bodies = {"terms": {"title": ["win"]}}, {"terms": {"body": ["win"]}}
    assert query == {"bool": {"should": [titles, bodies], "minimum_should_match": 1}}


def test_a_counted_stop_word_is_found_and_then_counted() -> None:
    found, counted = Compiler(Vocabulary()).matching(AtLeast(OF, 3))["bool"]["filter"]
    assert found == {"terms": {"body": ["wo'f", "wof"]}}
    assert counted["script"]["script"]["params"]["keys"] == [0, 1]
    assert counted["script"]["script"]["params"]["times"] == 3
