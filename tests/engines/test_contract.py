"""The contract of engines (search/engine.py)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Iterable

import pytest

from index.document import AnalyzedDocument
from index.schema import LADDER, FacetField, Level, Section, TokenField
from search.engine import (
    EngineRequest,
    EngineResult,
    FacetRequest,
    Feature,
    Interval,
    Listing,
    MatchPosition,
    ValueCount,
)
from search.engines.opensearch.searcher import CANDIDATES
from search.errors import UnknownFieldError
from search.levels import Tier, widest_level
from search.query import (
    Alternative,
    And,
    AtLeast,
    DateRange,
    FacetFilter,
    MatchAll,
    MatchNone,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Term,
)
from search.request import Sort
from search.similarity import nearest
from tests.engines.articles import article, asked, day, term, written
from tests.engines.kinds import Engine


def fill(engine: Engine, documents: Iterable[AnalyzedDocument]) -> None:
    with engine.writer() as writer:
        writer.add(documents)
        writer.commit()


def search(engine: Engine, query: Node, **values: object) -> EngineResult:
    with engine.searcher() as searcher:
        return searcher.search(asked(query, **values))


def ids(engine: Engine, query: Node, **values: object) -> list[str]:
    return [hit.id for hit in search(engine, query, **values).hits]


def test_nothing_is_visible_before_the_commit(engine: Engine) -> None:
    with engine.writer() as writer:
        writer.add([article("a", "book")])
        assert ids(engine, MatchAll()) == []
        writer.commit()
    assert ids(engine, MatchAll()) == ["a"]


def test_a_rollback_discards_adds_and_deletes(engine: Engine) -> None:
    fill(engine, [article("a", "book")])
    with engine.writer() as writer:
        writer.add([article("b", "book")])
        writer.delete(["a"])
        writer.rollback()
        writer.commit()
    assert ids(engine, MatchAll()) == ["a"]


def test_a_failed_add_leaves_the_index_as_it_was(engine: Engine) -> None:
    fill(engine, [article("a", "book")])

    def broken() -> Iterable[AnalyzedDocument]:
        yield article("b", "pen")
        raise OSError("the disk went away")

    with pytest.raises(OSError, match="went away"), engine.writer() as writer:
        writer.add(broken())
    fill(engine, [article("c", "ink")])
    assert ids(engine, MatchAll()) == ["a", "c"]
    assert ids(engine, term("pen", widest=Level.EXACT)) == []


def test_a_searcher_reads_one_point_in_time(engine: Engine) -> None:
    fill(engine, [article("a", "old words")])
    with engine.searcher() as searcher:
        fill(engine, [article("a", "new text here"), article("b", "more")])
        assert searcher.search(EngineRequest(Listing(MatchAll()))).total == 1
        stored = searcher.get_many(["a"])[0]
        assert stored is not None
        assert stored.document.text == "old words"
        assert list(stored.offsets[Section.BODY].ends) == [3, 9]
        assert searcher.get_many(["b"])[0] is None
    assert ids(engine, MatchAll()) == ["a", "b"]


def test_an_article_of_the_same_id_is_replaced(engine: Engine) -> None:
    fill(engine, [article("a", "book")])
    fill(engine, [article("a", "pen")])
    assert ids(engine, term("book")) == []
    assert ids(engine, term("pen")) == ["a"]
    assert search(engine, MatchAll()).total == 1


def test_the_last_of_two_articles_of_one_id_in_one_batch_stays(engine: Engine) -> None:
    fill(engine, [article("a", "book"), article("a", "pen")])
    assert search(engine, MatchAll()).total == 1
    assert ids(engine, term("pen")) == ["a"]
    assert ids(engine, term("book")) == []


def test_delete_counts_what_was_there(engine: Engine) -> None:
    fill(engine, [article("a", "book"), article("b", "pen")])
    with engine.writer() as writer:
        assert writer.delete(["a", "x"]) == 1
        writer.commit()
    assert ids(engine, MatchAll()) == ["b"]
    with engine.searcher() as searcher:
        assert searcher.get_many(["a"])[0] is None
        assert searcher.info().documents == 1


def test_the_generation_changes_with_every_commit(engine: Engine) -> None:
    seen = set()
    for number in range(3):
        fill(engine, [article(str(number), "book")])
        with engine.searcher() as searcher:
            seen.add(searcher.info().generation)
    assert len(seen) == 3


def test_texts_come_back_to_the_letter(engine: Engine) -> None:
    text = "مُحَمَّد \n  book\tof 😀 ink"
    fill(engine, [article("ا/ب c", text, title="«T»", url="https://example.org/?a=1&b=2")])
    with engine.searcher() as searcher:
        stored = searcher.get_many(["ا/ب c"])[0]
    assert stored is not None
    assert (stored.document.text, stored.document.title) == (text, "«T»")
    offsets = stored.offsets[Section.BODY]
    pieces = [text[start:end] for start, end in zip(offsets.starts, offsets.ends, strict=True)]
    assert pieces == ["مُحَمَّد", "book", "of", "😀", "ink"]


def test_ties_break_by_id(engine: Engine) -> None:
    fill(engine, [article(document_id, "book") for document_id in ("c", "a", "d", "b")])
    assert ids(engine, term("book")) == ["a", "b", "c", "d"]
    assert ids(engine, MatchAll(), sort=Sort.NEWEST) == ["a", "b", "c", "d"]


def test_closer_levels_rank_higher(engine: Engine) -> None:
    fill(
        engine,
        [
            article("root", "booze x"),
            article("lemma", "bookish x"),
            article("clitic", "al-book x"),
            article("exact", "book x"),
        ],
    )
    assert ids(engine, term("book")) == ["exact", "clitic", "lemma", "root"]
    assert ids(engine, term("book", widest=Level.CLITIC)) == ["exact", "clitic"]


def test_a_title_counts_more_than_the_text(engine: Engine) -> None:
    fill(engine, [article("a", "book ink", title="pen row"), article("b", "pen row", title="book ink")])
    assert ids(engine, term("book")) == ["b", "a"]


def test_a_term_can_be_restricted_to_the_title(engine: Engine) -> None:
    fill(engine, [article("a", "book", title="pen"), article("b", "pen", title="book")])
    assert ids(engine, term("book", sections=(Section.TITLE,))) == ["b"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (And((term("book"), term("pen", 1))), ["ab"]),
        (Or((term("book"), term("pen", 1))), ["ab", "a", "b"]),
        (Or((term("book"), term("pen", 1), term("ink", 2)), 2), ["ab"]),
        (And((term("book"), Not(term("pen", 1)))), ["a"]),
        (And((MatchAll(), Not(term("book")))), ["b", "c"]),
        (Not(Not(term("book"))), ["a", "ab"]),
        (MatchNone(), []),
        (And(()), ["a", "ab", "b", "c"]),
    ],
)
def test_boolean_nodes(engine: Engine, query: Node, found: list[str]) -> None:
    fill(
        engine,
        [article("a", "book x y z"), article("b", "pen x y z w"), article("ab", "book pen"), article("c", "dove")],
    )
    assert ids(engine, query) == found


def test_phrases_need_adjacent_words_and_count_stop_words(engine: Engine) -> None:
    fill(
        engine,
        [article("a", "book of pen"), article("b", "book pen"), article("c", "pen book"), article("d", "book x pen")],
    )
    words = (term("book", widest=Level.EXACT), term("pen", 1, widest=Level.EXACT))
    assert ids(engine, Phrase(words, (0, 1))) == ["b"]
    assert ids(engine, Phrase(words, (0, 2))) == ["a", "d"]
    assert ids(engine, Phrase((words[0], term("of", 2), words[1]), (0, 1, 2))) == ["a"]


BOOK, OF, IN = term("book", widest=Level.EXACT), term("of", 1), term("in", 2)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (OF, {"of in", "in", "o'f", "many", "title"}),
        (dataclasses.replace(OF, sections=(Section.TITLE,)), {"title"}),
        (dataclasses.replace(OF, within=1), {"of in", "o'f", "many", "title"}),
        (written("of", 1), {"of in", "in", "many", "title"}),
        (written("o'f", 1), {"o'f"}),
        (Not(OF), {"none", "x"}),
        (AtLeast(OF, 2), {"many"}),
        (AtLeast(OF, 4), set()),
        (Phrase((OF, IN), (0, 1)), {"of in", "o'f"}),
        (Phrase((IN, OF), (0, 1)), {"in"}),
        (Phrase((written("of", 1), IN), (0, 1)), {"of in"}),
        (Phrase((OF, OF, OF), (0, 1, 2)), {"many"}),
        (Phrase((BOOK, OF), (0, 1)), {"title"}),
        (Phrase((OF, BOOK), (0, 2)), {"of in", "in", "o'f", "many"}),
        (Phrase((BOOK, term("absent", 3), OF), (0, 1, 2)), set()),
        (Near((BOOK, OF), 2), {"of in", "in", "o'f", "many", "title"}),
        (Near((BOOK, OF), 0), {"many", "title"}),
        (Near((OF, BOOK), 1, ordered=True), {"of in", "in", "o'f", "many"}),
        (Near((IN, OF), 0), {"of in", "in", "o'f"}),
        (And((BOOK, Not(Phrase((OF, IN), (0, 1))))), {"in", "none", "many", "x", "title"}),
        (Prefix("o", 1), set()),
        (Prefix("of", 1), set()),
    ],
)
def test_stop_words_are_found_where_a_query_asks_for_them(engine: Engine, query: Node, found: set[str]) -> None:
    fill(
        engine,
        [
            article("of in", "of in book"),
            article("in", "in of x book"),
            article("o'f", "o'f in book"),
            article("many", "of of of book"),
            article("title", "pen", title="book of"),
            article("none", "book pen ink"),
            article("x", "book x in book"),
        ],
    )
    result = search(engine, query)
    assert {hit.id for hit in result.hits} == found
    assert result.total == len(found)
    assert all(hit.score > 0 for hit in result.hits if not isinstance(query, Not))


def test_a_phrase_marks_its_stop_words_and_no_others(engine: Engine) -> None:
    fill(engine, [article("a", "of book of in of book in")])
    hit = search(engine, Phrase((BOOK, OF, IN), (0, 1, 2))).hits[0]
    assert [(match.position, match.word) for match in hit.matches] == [(1, 0), (2, 1), (3, 2)]
    assert {match.level for match in hit.matches} == {Level.EXACT}


def test_stop_words_count_in_no_length_no_form_and_hardly_in_a_score(engine: Engine) -> None:
    fill(engine, [article("bare", "book pen"), article("stops", "of in book pen of in"), article("x", "x")])
    bare, stops = search(engine, Phrase((BOOK, term("pen", 1)), (0, 1)), reranked=0).hits
    assert stops.score == pytest.approx(bare.score), "both have two content words"
    result = search(engine, Phrase((OF, IN, BOOK), (0, 1, 2)), form_limit=9, reranked=0)
    assert result.forms is not None
    assert [form.form for form in result.forms.values] == ["book"]
    alone = next(hit for hit in search(engine, BOOK, reranked=0).hits if hit.id == "stops")
    assert alone.score < result.hits[0].score < 2 * alone.score


def test_a_phrase_does_not_run_from_title_into_text(engine: Engine) -> None:
    fill(engine, [article("a", "pen", title="book")])
    words = (term("book", widest=Level.EXACT), term("pen", 1, widest=Level.EXACT))
    assert ids(engine, Phrase(words, (0, 1))) == []


def test_a_phrase_of_one_word_twice(engine: Engine) -> None:
    fill(engine, [article("a", "book book"), article("b", "book")])
    words = (term("book", widest=Level.EXACT), term("book", 1, widest=Level.EXACT))
    assert ids(engine, Phrase(words, (0, 1))) == ["a"]


def test_hits_have_the_matching_tokens_with_words_and_levels(engine: Engine) -> None:
    fill(engine, [article("a", "of al-book pen booze", title="book")])
    hit = search(engine, Or((term("book"), term("pen", 1)))).hits[0]
    assert hit.matches == (
        MatchPosition(Section.TITLE, 0, 0, Level.EXACT),
        MatchPosition(Section.BODY, 1, 0, Level.CLITIC),
        MatchPosition(Section.BODY, 2, 1, Level.EXACT),
        MatchPosition(Section.BODY, 3, 0, Level.ROOT),
    )


def test_a_phrase_marks_only_its_own_positions(engine: Engine) -> None:
    fill(engine, [article("a", "pen book pen book x pen")])
    words = (term("pen", widest=Level.EXACT), term("book", 1, widest=Level.EXACT))
    hit = search(engine, Phrase(words, (0, 1))).hits[0]
    assert [(match.position, match.word) for match in hit.matches] == [(0, 0), (1, 1), (2, 0), (3, 1)]


def test_excluded_words_are_not_marked(engine: Engine) -> None:
    fill(engine, [article("a", "book ink")])
    hit = search(engine, And((term("book"), Not(term("pen", 1))))).hits[0]
    assert [match.word for match in hit.matches] == [0]


def test_partial_matches_stand_among_the_matches_by_score(engine: Engine) -> None:
    common = [article(f"common{number}", "book") for number in range(8)]
    fill(engine, [article("both", "x " * 90 + "book pen"), article("rare", "pen", title="pen"), *common])
    words = (term("book"), term("pen", 1))
    result = search(engine, And(words), partial=Or(words), facets=(FacetRequest(FacetField.SOURCE, 5),))
    assert [(hit.id, hit.tier) for hit in result.hits[:2]] == [("rare", Tier.PARTIAL), ("both", Tier.MATCH)]
    assert (result.total, result.further, result.partial) == (1, 9, 9)
    assert result.facets[0].values == (ValueCount("-", 1),)
    paged = search(engine, And(words), partial=Or(words), offset=1, limit=1)
    assert [hit.id for hit in paged.hits] == ["both"]
    assert search(engine, And(words), partial=Or(words), offset=10).hits == ()
    assert ids(engine, And(words), partial=Or(words), further=False) == ["both"]
    assert ids(engine, And(words), partial=Or(words), sort=Sort.NEWEST) == ["both"]


LADDER_ARTICLES = {"exact": "book", "clitic": "al-book", "lemma": "bookish", "root": "booze"}


@pytest.mark.parametrize("match", LADDER)
def test_levels_count_what_match_counts_and_wider_ones_follow_in_tiers(engine: Engine, match: Level) -> None:
    fill(engine, [article(level, f"{text} ink") for level, text in LADDER_ARTICLES.items()])
    result = search(engine, term("book"), match=match, tiered=True)
    assert result.levels == (1, 2, 3, 3, 4)
    counted = result.levels[LADDER.index(match)]
    assert (result.total, result.further, result.partial) == (counted, 4 - counted, 0)
    assert [hit.id for hit in result.hits] == [*LADDER_ARTICLES], "a wider tier never stands before a closer one"
    found = [Tier.MATCH if Level(hit.id) in LADDER[: LADDER.index(match) + 1] else Tier(hit.id) for hit in result.hits]
    assert [hit.tier for hit in result.hits] == found
    assert ids(engine, term("book"), match=match, tiered=True, further=False) == [*LADDER_ARTICLES][:counted]


def test_a_tier_with_higher_scores_stays_behind(engine: Engine) -> None:
    fill(engine, [article("far", "booze booze", title="booze"), article("near", "x " * 90 + "bookish")])
    result = search(engine, term("book"), match=Level.LEMMA, tiered=True)
    assert [(hit.id, hit.tier) for hit in result.hits] == [("near", Tier.MATCH), ("far", Tier.ROOT)]
    mixed = search(engine, term("book"), match=Level.EXACT, tiered=False)
    assert [hit.tier for hit in mixed.hits] == [Tier.ROOT, Tier.LEMMA], "then the score alone orders"


def test_exclusions_hold_at_the_levels_that_are_counted(engine: Engine) -> None:
    fill(engine, [article("a", "pen book"), article("b", "pen booze"), article("c", "pen")])
    query = And((term("pen"), Not(term("book", 1))))
    assert search(engine, query, match=Level.LEMMA).levels == (2, 2, 2, 2, 1)
    assert sorted(ids(engine, query, match=Level.LEMMA)) == ["b", "c"]
    assert ids(engine, query, match=Level.ROOT) == ["c"]


@pytest.mark.parametrize("match", [Level.EXACT, Level.LEMMA, Level.ROOT])
def test_the_tokens_of_a_hit_match_at_the_levels_of_its_tier(engine: Engine, match: Level) -> None:
    fill(engine, [article("near", "book al-book bookish booze"), article("far", "booze")])
    for hit in search(engine, term("book"), match=match, tiered=True).hits:
        widest = widest_level(hit.tier, match)
        assert {found.level for found in hit.matches} <= {*LADDER[: LADDER.index(widest) + 1]}
        assert widest in {found.level for found in hit.matches}


def test_documents_with_the_letters_typed_come_first_if_they_are_rare(engine: Engine) -> None:
    fill(engine, [article("folded", "book book"), article("typed", "x " * 30 + "bo'ok"), article("other", "al-book")])
    typed = Term("bo'ok", 0, (Alternative(Level.EXACT, TokenField.WRITTEN, "bo'ok", 1.0),))
    assert ids(engine, term("book"), typed=typed, tiered=True) == ["typed", "folded", "other"]
    fill(engine, [article("typed2", "bo'ok"), article("typed3", "x " * 60 + "bo'ok")])
    assert ids(engine, term("book"), typed=typed, tiered=True)[0] == "folded", "then the typed letters say nothing"


def test_paging_walks_every_match_once(engine: Engine) -> None:
    fill(engine, [article(f"{number:02}", "book " * (number % 3 + 1)) for number in range(25)])
    everything = ids(engine, term("book"), limit=100)
    pages = [ids(engine, term("book"), offset=offset, limit=7) for offset in range(0, 28, 7)]
    assert [document_id for page in pages for document_id in page] == everything
    assert len(set(everything)) == 25


@pytest.mark.parametrize("reranked", [0, 1, 7, 200])
def test_pages_of_any_size_show_one_list_in_the_order_of_the_scores(engine: Engine, reranked: int) -> None:
    words = ("book", "pen", "ink", "al-book")
    texts = [" ".join(words[(number + step) % 4] for step in range(number % 5 + 1)) for number in range(30)]
    fill(engine, [article(f"{number:02}", text) for number, text in enumerate(texts)])
    terms = (term("book"), term("pen", 1))
    whole = search(engine, And(terms), partial=Or(terms), limit=100, reranked=reranked).hits
    for size in (1, 3, 7, 10):
        paged = [
            hit
            for offset in range(0, 30, size)
            for hit in search(engine, And(terms), partial=Or(terms), offset=offset, limit=size, reranked=reranked).hits
        ]
        assert paged == list(whole)
    scores = [hit.score for hit in whole]
    if reranked in (0, 200):
        assert scores == sorted(scores, reverse=True)
    assert min(Counter(hit.tier for hit in whole).values()) > 8


def test_documents_that_the_second_stage_scored_come_before_the_others(engine: Engine) -> None:
    fill(
        engine,
        [article("often", "x " * 60 + "book " * 9), article("once", "book pen"), article("twice", "book book x x")],
    )
    found = [ids(engine, term("book"), reranked=reranked) for reranked in (0, 2, 3)]
    assert found == [["twice", "often", "once"], ["twice", "often", "once"], ["twice", "once", "often"]]


def test_articles_with_the_words_early_and_together_come_first(engine: Engine) -> None:
    fill(
        engine,
        [
            article("a", "x " * 40 + "book x x x pen"),
            article("b", "x " * 20 + "book pen" + " x" * 23),
            article("c", "book pen" + " x" * 43),
            article("d", "pen book" + " x" * 43),
        ],
    )
    query = And((term("book"), term("pen", 1)))
    assert ids(engine, query, reranked=0) == ["a", "b", "c", "d"], "to the first stage they are alike"
    assert ids(engine, query) == ["c", "d", "b", "a"]
    assert ids(engine, query, sort=Sort.NEWEST) == ["a", "b", "c", "d"]


def test_newer_articles_gain_when_they_are_preferred(engine: Engine) -> None:
    fill(
        engine,
        [
            article("1-old", "book book x", published=day("2024-01-01")),
            article("2-undated", "book x x"),
            article("3-new", "book x x", published=day("2025-01-01")),
        ],
    )
    plain, preferred = (search(engine, term("book"), recency=each, explained=True).hits for each in (False, True))
    assert [hit.id for hit in plain] == ["1-old", "2-undated", "3-new"]
    assert [hit.id for hit in preferred] == ["3-new", "1-old", "2-undated"]
    scores = {hit.id: hit.score for hit in plain}
    assert preferred[0].score == pytest.approx(1.5 * scores["3-new"])
    assert preferred[2].score == pytest.approx(scores["2-undated"])
    explained = preferred[0].explanation
    assert explained is not None
    gained = [part.value for part in explained.parts if part.feature is Feature.RECENCY]
    assert gained == [pytest.approx(0.5 * scores["3-new"])]


def test_a_date_in_the_future_gains_nothing_and_makes_no_article_old(engine: Engine) -> None:
    days = {"1-old": "2024-01-01", "2-future": "2103-01-01", "3-new": "2025-01-01"}
    fill(engine, [article(name, "book x x", published=day(published)) for name, published in days.items()])
    assert ids(engine, term("book"), recency=True) == ["3-new", "1-old", "2-future"]


def test_an_explanation_is_that_of_the_hit_in_its_request(engine: Engine) -> None:
    fill(engine, [article("a", "book pen", source="x"), article("b", "book x"), article("c", "book x x")])
    words = (term("book"), term("pen", 1))
    for request in (
        asked(And(words), partial=Or(words), explained=True),
        asked(And(words), partial=Or(words), reranked=1, explained=True),
        asked(Or(words), sort=Sort.NEWEST, explained=True),
        asked(Or(words), reranked=0, explained=True),
    ):
        with engine.searcher() as searcher:
            hits = searcher.search(request).hits
            paged = [
                *searcher.search(dataclasses.replace(request, limit=1)).hits,
                *searcher.search(dataclasses.replace(request, offset=1)).hits,
            ]
        assert len(hits) == 3
        assert paged == list(hits)
        for hit in hits:
            assert hit.explanation is not None
            assert hit.explanation.score == pytest.approx(hit.score)
            assert sum(part.value for part in hit.explanation.parts) == pytest.approx(hit.score)


def test_hits_are_explained_only_if_the_request_asks_for_it(engine: Engine) -> None:
    fill(engine, [article("a", "book")])
    assert [hit.explanation for hit in search(engine, term("book")).hits] == [None]


def test_a_soft_word_matches_similar_spellings_the_most_similar_first(engine: Engine) -> None:
    texts = ("pencils x", "al-pencil x", "pens x", "stencil x", "x book")
    fill(engine, [article(text.split()[0], text) for text in texts])
    with engine.searcher() as searcher:
        similar, dissimilar = (nearest(word, searcher.stems_like(word)) for word in ("penncil", "zzzzz"))
    assert [stem for stem, _ in similar] == ["pencil", "pencils"]
    assert dissimilar == []
    soft = tuple(Alternative(Level.SOFT, TokenField.CLITIC, stem, weight) for stem, weight in similar)
    hits = search(engine, Term("penncil", 0, soft, unlimited=True)).hits
    assert [hit.id for hit in hits] == ["al-pencil", "pencils"]
    assert {match.level for hit in hits for match in hit.matches} == {Level.SOFT}


@pytest.fixture
def library(engine: Engine) -> Engine:
    fill(
        engine,
        [
            article("1", "book", source="x", agencies=("r", "t"), published=day("2025-01-01")),
            article("2", "book", source="x", agencies=("r",), published=day("2025-01-02")),
            article("3", "book", source="y", author="سعاد", published=day("2025-01-02")),
            article("4", "book", agencies=("t",)),
            article("5", "pen", source="z", section="رياضة", published=dt.datetime(2025, 1, 2, 22, 30, tzinfo=dt.UTC)),
        ],
    )
    return engine


def facet(result: EngineResult, field: FacetField) -> list[tuple[str, int]]:
    return next([(item.value, item.count) for item in facet.values] for facet in result.facets if facet.field is field)


ALL_FACETS = tuple(FacetRequest(field, 10) for field in FacetField)


def test_facets_count_the_matches(library: Engine) -> None:
    result = search(library, term("book"), facets=ALL_FACETS, limit=1)
    assert facet(result, FacetField.SOURCE) == [("x", 2), ("-", 1), ("y", 1)]
    assert facet(result, FacetField.AGENCY) == [("r", 2), ("t", 2)]
    assert facet(result, FacetField.AUTHOR) == [("-", 3), ("سعاد", 1)]
    assert facet(result, FacetField.SECTION) == [("-", 4)]


def test_values_of_a_facet_are_alternatives_and_facets_all_hold(library: Engine) -> None:
    sources = FacetFilter(FacetField.SOURCE, ("x", "y"))
    assert ids(library, MatchAll(), selected=(sources,)) == ["1", "2", "3"]
    assert ids(library, MatchAll(), selected=(sources, FacetFilter(FacetField.AGENCY, ("t",)))) == ["1"]
    assert ids(library, MatchAll(), selected=(FacetFilter(FacetField.SOURCE, ("-",)),)) == ["4"]


def test_counts_of_a_facet_ignore_its_own_selection(library: Engine) -> None:
    selected = (FacetFilter(FacetField.SOURCE, ("y",)), FacetFilter(FacetField.AUTHOR, ("سعاد",)))
    result = search(library, term("book"), selected=selected, facets=ALL_FACETS)
    assert result.total == 1
    assert facet(result, FacetField.SOURCE) == [("y", 1)]
    assert facet(result, FacetField.AUTHOR) == [("سعاد", 1)]
    only_source = search(library, term("book"), selected=selected[:1], facets=ALL_FACETS)
    assert facet(only_source, FacetField.SOURCE) == [("x", 2), ("-", 1), ("y", 1)]
    assert facet(only_source, FacetField.AGENCY) == []


def test_a_limited_facet_keeps_selected_values_and_counts_the_rest(library: Engine) -> None:
    selected = (FacetFilter(FacetField.SOURCE, ("y", "never seen")),)
    result = search(library, term("book"), selected=selected, facets=(FacetRequest(FacetField.SOURCE, 1),))
    assert facet(result, FacetField.SOURCE) == [("x", 2), ("y", 1), ("never seen", 0)]
    assert result.facets[0].other == 1


def test_excluded_values_hold_for_every_count(library: Engine) -> None:
    result = search(library, term("book"), excluded=(FacetFilter(FacetField.SOURCE, ("x",)),), facets=ALL_FACETS)
    assert result.total == 2
    assert facet(result, FacetField.SOURCE) == [("-", 1), ("y", 1)]


@pytest.mark.parametrize(
    ("dates", "found"),
    [
        (DateRange(day("2025-01-02"), day("2025-01-02")), ["2", "3"]),
        (DateRange(None, day("2025-01-01")), ["1"]),
        (DateRange(day("2025-01-03"), None), ["5"]),  # half past one in Riyadh
        (DateRange(None, None, unknown=True), ["4"]),
        (DateRange(day("2025-01-03"), None, unknown=True), ["4", "5"]),
        (DateRange(None, None), []),
    ],
)
def test_days_are_those_of_the_zone_and_undated_articles_are_separate(
    library: Engine, dates: DateRange, found: list[str]
) -> None:
    assert sorted(ids(library, MatchAll(), dates=dates)) == found
    assert sorted(ids(library, dates)) == found


@pytest.mark.parametrize(
    ("dates", "buckets"),
    [
        (None, {"2025-01-01": 1, "2025-01-02": 2, "2025-01-03": 1}),
        (DateRange(None, None, unknown=True), {"2025-01-01": 1, "2025-01-02": 2, "2025-01-03": 1}),
        (DateRange(day("2025-01-02"), None), {"2025-01-02": 2, "2025-01-03": 1}),
        (DateRange(day("2025-01-02"), day("2025-01-02"), unknown=True), {"2025-01-02": 2}),
        (DateRange(day("2026-01-01"), None), {}),
    ],
)
def test_the_histogram_shows_the_selected_span_and_always_the_undated(
    library: Engine, dates: DateRange | None, buckets: dict[str, int]
) -> None:
    shown = search(library, MatchAll(), dates=dates, histogram=True).histogram
    assert shown is not None
    assert shown.interval is Interval.DAY
    assert {bucket.first.isoformat(): bucket.count for bucket in shown.buckets} == buckets
    assert shown.unknown == 1


@pytest.fixture
def readers(engine: Engine) -> Engine:
    fill(
        engine,
        [
            article("1", "book book of bo'ok", source="x"),
            article("2", "al-book booze", source="x"),
            article("3", "pen", title="al-book", source="y"),
            article("4", "bo'ok pen", source="y"),
            article("5", "pen ink"),
        ],
    )
    return engine


def forms(result: EngineResult) -> list[tuple[str, str, Level, int]]:
    assert result.forms is not None
    return [(it.form, it.written, it.level, it.count) for it in result.forms.values]


def test_forms_are_counted_once_a_document_however_often_and_however_spelled(readers: Engine) -> None:
    result = search(readers, term("book"), form_limit=9)
    assert forms(result) == [
        ("book", "bo'ok", Level.EXACT, 2),
        ("al-book", "al-book", Level.CLITIC, 2),
        ("booze", "booze", Level.ROOT, 1),
    ]
    assert result.forms is not None
    assert result.forms.other == 0


def test_no_form_is_listed_that_no_match_has(readers: Engine) -> None:
    with readers.writer() as writer:
        writer.delete(["2"])
        writer.commit()
    assert [form for form, *_ in forms(search(readers, term("book"), form_limit=9))] == ["book", "al-book"]
    both = And((term("book"), term("pen", 1)))
    assert [(form, count) for form, _, _, count in forms(search(readers, both, form_limit=9))] == [
        ("book", 1), ("al-book", 1), ("pen", 2)
    ]  # fmt: skip
    assert forms(search(readers, MatchAll(), form_limit=9)) == []
    assert search(readers, term("book")).forms is None


def test_forms_beyond_the_limit_are_counted(readers: Engine) -> None:
    result = search(readers, term("book"), form_limit=1)
    assert [form for form, *_ in forms(result)] == ["book"]
    assert result.forms is not None
    assert result.forms.other == 2


def test_excluded_words_have_no_forms(readers: Engine) -> None:
    query = And((term("pen"), Not(term("book", 1))))
    assert [(form, count) for form, _, _, count in forms(search(readers, query, form_limit=9))] == [("pen", 1)]


def test_a_form_counts_only_in_sections_where_its_word_may_occur(readers: Engine) -> None:
    title = term("book", sections=(Section.TITLE,))
    assert [(form, count) for form, _, _, count in forms(search(readers, title, form_limit=9))] == [("al-book", 1)]
    early = dataclasses.replace(term("book"), within=1)
    assert [(form, count) for form, _, _, count in forms(search(readers, early, form_limit=9))] == [
        ("book", 2), ("al-book", 2)
    ]  # fmt: skip


def test_selected_forms_are_alternatives_and_their_own_counts_ignore_them(readers: Engine) -> None:
    whole = search(readers, term("book"), form_limit=9)
    for form, _, _, count in forms(whole):
        result = search(readers, term("book"), forms=(form,), form_limit=9, facets=ALL_FACETS)
        assert result.total == count
        assert forms(result) == forms(whole)
        assert sum(number for _, number in facet(result, FacetField.SOURCE)) == count
    assert ids(readers, term("book"), forms=("booze", "book", "never seen")) == ["1", "4", "2"]
    assert ids(readers, term("book"), forms=("pen",)) == []
    further = search(
        readers,
        And((term("book"), term("ink", 1))),
        partial=Or((And((term("book"), term("ink", 1))), term("book"))),
        forms=("al-book",),
    )
    assert (further.total, further.further) == (0, 2)


def test_a_word_without_a_form_is_not_found_marked_or_scored_by_it(readers: Engine) -> None:
    query = dataclasses.replace(term("book"), without=("book",))
    result = search(readers, query, form_limit=9)
    assert [form for form, *_ in forms(result)] == ["al-book", "booze"]
    assert {hit.id for hit in result.hits} == {"2", "3"}
    fill(readers, [article("6", "book al-book")])
    hit = next(hit for hit in search(readers, query, explained=True).hits if hit.id == "6")
    assert [match.position for match in hit.matches] == [1]
    assert hit.explanation is not None
    assert {part.form for part in hit.explanation.parts if part.feature is Feature.FORMS} == {"al-book"}


def test_newest_and_oldest_put_undated_articles_last(library: Engine) -> None:
    assert ids(library, MatchAll(), sort=Sort.NEWEST) == ["5", "2", "3", "1", "4"]
    assert ids(library, MatchAll(), sort=Sort.OLDEST) == ["1", "2", "3", "5", "4"]


def test_an_unknown_field_raises(engine: Engine) -> None:
    with pytest.raises(UnknownFieldError, match="titel"):
        search(engine, MatchAll(), facets=(FacetRequest("titel", 5),))  # type: ignore[arg-type]


def test_an_empty_index_answers(engine: Engine) -> None:
    result = search(engine, Or((term("book"), MatchAll())), facets=ALL_FACETS, histogram=True)
    assert (result.total, result.hits, result.exact) == (0, (), True)
    assert result.histogram is not None
    assert result.histogram.buckets == ()


def test_scores_do_not_depend_on_how_the_articles_were_batched(engine: Engine) -> None:
    documents = [article(str(number), "book " * (number + 1) + "pen " * (5 - number)) for number in range(5)]
    fill(engine, documents)
    expected = [(hit.id, hit.score) for hit in search(engine, term("book")).hits]
    with engine.writer() as writer:
        writer.delete(str(number) for number in range(5))
        writer.commit()
    for document in reversed(documents):
        fill(engine, [document])
    found = [(hit.id, hit.score) for hit in search(engine, term("book")).hits]
    assert [hit for hit, _ in found] == [hit for hit, _ in expected]
    assert [score for _, score in found] == pytest.approx([score for _, score in expected])


def test_an_explanation_names_each_form_and_adds_up_to_the_score(engine: Engine) -> None:
    fill(engine, [article("a", "al-book pen book booze book", title="book"), article("b", "ink")])
    words = (term("book"), term("pen", 1))
    query = And((*words, Phrase((words[1], words[0]), (0, 1))))
    (hit,) = search(engine, query, explained=True).hits
    explained = hit.explanation
    assert explained is not None
    assert explained.score == pytest.approx(hit.score)
    assert sum(part.value for part in explained.parts) == pytest.approx(hit.score)
    assert {part.feature for part in explained.parts} == set(Feature) - {Feature.RECENCY}
    forms = [part for part in explained.parts if part.feature is Feature.FORMS]
    told = {(part.form, part.section, part.level, part.occurrences) for part in forms}
    assert told == {
        ("book", Section.TITLE, Level.EXACT, 1),
        ("book", Section.BODY, Level.EXACT, 2),
        ("al-book", Section.BODY, Level.CLITIC, 1),
        ("booze", Section.BODY, Level.ROOT, 1),
        ("pen", Section.BODY, Level.EXACT, 1),
        ("pen book", Section.BODY, Level.EXACT, 1),
    }
    assert all(part.value > 0 for part in explained.parts)


def test_hits_after_the_ranked_ones_come_once_each_and_score_no_more(engine: Engine) -> None:
    fill(engine, [article(f"{number:03}", "book " * (number % 7 + 1) + "x " * (number % 5)) for number in range(260)])
    with engine.searcher() as searcher:
        pages = [searcher.search(asked(term("book"), offset=at, limit=50)).hits for at in range(0, 300, 50)]
    hits = [hit for page in pages for hit in page]
    assert sorted(hit.id for hit in hits) == [f"{number:03}" for number in range(260)]
    assert min(hit.score for hit in hits[:CANDIDATES]) >= max(hit.score for hit in hits[CANDIDATES:])
    assert all(hit.matches for hit in hits)


def test_a_prefix_finds_words_of_the_same_letters_and_several_spellings(engine: Engine) -> None:
    fill(engine, [article(name, "book bo'ok b'ook pen") for name in ("a", "b", "c")])
    result = search(engine, Prefix("boo", 0), form_limit=5)
    assert [hit.id for hit in result.hits] == ["a", "b", "c"]
    assert forms(result) == [("book", "b'ook", Level.EXACT, 3)]
