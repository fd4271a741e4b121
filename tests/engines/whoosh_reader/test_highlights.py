"""Whoosh's highlighters mark the same words as in a stock index, and as our engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from whoosh import highlight, query
from whoosh.searching import Searcher

from index.schema import Level, Section, TokenField
from search.engine import EngineRequest, Listing
from search.engines import open_engine
from search.engines.whoosh_reader import query_parser
from search.query import Alternative, Term

FRAGMENTERS = {
    "whole": highlight.WholeFragmenter,
    "context": highlight.ContextFragmenter,
    "sentence": highlight.SentenceFragmenter,
    "pinpoint": highlight.PinpointFragmenter,
}
FORMATTERS = {
    "html": highlight.HtmlFormatter,
    "uppercase": highlight.UppercaseFormatter,
    "none": highlight.NullFormatter,
}


@pytest.mark.parametrize("terms", [False, True])
@pytest.mark.parametrize("formatter", FORMATTERS)
@pytest.mark.parametrize("fragmenter", FRAGMENTERS)
def test_every_fragmenter_and_formatter_works_as_on_a_stock_index(
    *, fragmenter: str, formatter: str, terms: bool, searcher: Searcher, stock: Searcher
) -> None:
    asked = query.Or([query.Term("body_lemma", "رئيس"), query.Prefix("body_lemma", "وز")])

    def marked(opened: Searcher) -> dict[str, str]:
        results = opened.search(asked, terms=terms, limit=None)
        results.fragmenter, results.formatter = FRAGMENTERS[fragmenter](), FORMATTERS[formatter]()
        return {hit["id"]: hit.highlights("body_lemma") for hit in results}

    found = marked(searcher)

    assert found == marked(stock)
    assert len(found) > 5
    assert all(found.values())


class Ranges(highlight.Formatter):  # type: ignore[misc]  # Whoosh's classes are untyped
    """Keeps which characters are marked in place of marking them."""

    def __init__(self) -> None:
        self.ranges: list[tuple[int, int]] = []

    def format_token(self, text: str, token: Any, replace: bool = False) -> str:  # noqa: FBT001, FBT002, ARG002 - Whoosh's
        self.ranges.append((token.startchar, token.endchar))
        return ""


@pytest.mark.parametrize(
    ("section", "field", "text"),
    [
        (Section.BODY, TokenField.LEMMA, "رئيس"),
        (Section.BODY, TokenField.ROOT, "كتب"),
        (Section.BODY, TokenField.SURFACE, "الرئيس"),
        (Section.TITLE, TokenField.CLITIC, "وزراء"),
    ],
)
def test_the_words_that_our_engine_marks_are_marked(
    section: Section, field: TokenField, text: str, location: Path, searcher: Searcher
) -> None:
    term = Term(text, 0, (Alternative(Level.EXACT, field, text, 1.0),), (section,))
    engine = open_engine(str(location))
    with engine.searcher() as ours:
        expected = {}
        for hit in ours.search(EngineRequest(Listing(term), limit=1000)).hits:
            (article,) = ours.get_many([hit.id])
            assert article is not None
            offsets = article.offsets[section]
            expected[hit.id] = [(int(offsets.starts[m.position]), int(offsets.ends[m.position])) for m in hit.matches]
    engine.close()

    name = f"{section}_{field}"
    found = {}
    for hit in searcher.search(query.Term(name, text), limit=None):
        highlighter = highlight.Highlighter(fragmenter=highlight.WholeFragmenter(), formatter=(ranges := Ranges()))
        highlighter.highlight_hit(hit, name)
        found[hit["id"]] = ranges.ranges

    assert found == expected
    assert found


def test_a_stop_word_is_never_marked_for_a_name_of_its_letters(searcher: Searcher) -> None:
    results = searcher.search(query.Every(), limit=None)
    marked = highlight.highlight(
        "علي على السطح",
        frozenset(["علي"]),
        searcher.schema["body_surface"].analyzer,
        highlight.WholeFragmenter(),
        highlight.HtmlFormatter(tagname="b"),
    )

    assert results
    assert marked == '<b class="match term0">علي</b> على السطح'


def test_a_phrase_of_the_parser_is_marked(searcher: Searcher) -> None:
    results = searcher.search(query_parser("body_surface", searcher.schema).parse('"القبض على قيادي"'))
    results.formatter = highlight.HtmlFormatter(tagname="b")

    assert '<b class="match term0">القبض</b> على <b class="match term1">قيادي</b>' in results[0].highlights(
        "body_surface"
    )
