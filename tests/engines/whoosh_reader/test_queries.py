"""Whoosh's queries match and score as in a stock index of the same articles."""

from __future__ import annotations

import datetime as dt

import pytest
from whoosh import qparser, query, scoring
from whoosh.query import spans
from whoosh.reading import TermNotFound
from whoosh.searching import Searcher

from index.analysis.installed import load_analyzer
from index.analysis.tokens import Word
from index.document import Document
from index.schema import TokenField
from search.engines.whoosh_reader import query_parser

WORD, OTHER = "وزير", "كتاب"


def term(name: str, text: str) -> query.Term:
    return query.Term(name, text)


def lemma(text: str) -> query.Term:
    return term("body_lemma", text)


def surface(text: str) -> query.Term:
    return term("body_surface", text)


QUERIES = {
    "term": lemma(WORD),
    "term of several words": term("body_root", "وزر"),
    "term with shares": lemma("كتب"),
    "absent term": lemma("لاشيء"),
    "title": term("title_lemma", "قرار"),
    "and": query.And([lemma(WORD), lemma(OTHER)]),
    "or": query.Or([lemma(WORD), lemma(OTHER), term("title_root", "كتب")]),
    "or of many": query.Or([term("body_root", root) for root in ("كتب", "وزر", "قول", "رءس", "وصل", "حرب")]),
    "and not": query.And([lemma("رئيس"), query.Not(lemma(WORD))]),
    "and maybe": query.AndMaybe(lemma(WORD), lemma(OTHER)),
    "require": query.Require(lemma(WORD), lemma(OTHER)),
    "best of": query.DisjunctionMax([lemma(WORD), term("title_lemma", WORD)]),
    "boost": query.Or([query.Term("body_lemma", WORD, boost=3.0), lemma(OTHER)]),
    "constant": query.ConstantScoreQuery(lemma(WORD), 2.0),
    "phrase": query.Phrase("body_surface", ["مجلس", "الوزراء"]),
    "phrase that is not there": query.Phrase("body_surface", ["الوزراء", "مجلس"]),
    "phrase with slop": query.Phrase("body_surface", ["القبض", "قيادي"], slop=2),
    "prefix": query.Prefix("body_surface", "الو"),
    "wildcard": query.Wildcard("body_surface", "ال*ير"),
    "regex": query.Regex("body_surface", "الو.*ر[هء]?"),
    "fuzzy": query.FuzzyTerm("body_surface", "الوزير", maxdist=2),
    "range of terms": query.TermRange("body_lemma", "كتاب", "لبنان"),
    "near": spans.SpanNear2([surface("مجلس"), surface("الوزراء")], slop=3, ordered=False),
    "near, of two": spans.SpanNear(lemma("مجلس"), lemma(WORD), slop=2),
    "first": spans.SpanFirst(lemma("رئيس"), limit=3),
    "not near": spans.SpanNot(lemma(WORD), lemma("مجلس")),
    "either near": spans.SpanOr([lemma(WORD), lemma(OTHER)]),
    "sequence": query.Sequence([surface("مجلس"), query.Prefix("body_surface", "الوزرا")]),
    "every": query.Every(),
    "every of a field": query.Every("title_lemma"),
    "id": term("id", "bus-lines"),
    "source": term("source", "قناة الجزيرة"),
    "dates": query.DateRange("published", dt.datetime(2024, 1, 1), dt.datetime(2025, 2, 12)),  # noqa: DTZ001 - Whoosh's have no zone
    "open dates": query.DateRange("published", dt.datetime(2025, 1, 1), None),  # noqa: DTZ001
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_finds_and_scores_as_in_a_stock_index(name: str, searcher: Searcher, stock: Searcher) -> None:
    def found(opened: Searcher) -> dict[str, float]:
        # TF-IDF rests on weights and document frequencies alone: a stock index rounds the lengths of fields
        opened.weighting = scoring.TF_IDF()
        return {hit["id"]: hit.score for hit in opened.search(QUERIES[name], limit=None)}

    ours, theirs = found(searcher), found(stock)

    assert ours == pytest.approx(theirs, rel=1e-5)
    assert ours or "absent" in name or "not there" in name


def best(searcher: Searcher, asked: query.Query, limit: int | None) -> list[tuple[str, float]]:
    return [(hit["id"], hit.score) for hit in searcher.search(asked, limit=limit)]


@pytest.mark.parametrize("name", ["term", "or", "and", "and maybe", "phrase", "prefix", "either near"])
def test_the_best_are_the_best_of_all(name: str, searcher: Searcher) -> None:
    every = best(searcher, QUERIES[name], None)

    assert best(searcher, QUERIES[name], 2) == every[:2], "skipping what cannot be among the best lost something"


def test_scores_are_bm25_over_content_words(searcher: Searcher) -> None:
    hits = list(searcher.search(lemma(WORD), limit=None))
    model = scoring.BM25F()
    average = searcher.field_length("body_lemma") / searcher.doc_count()
    idf = model.idf(searcher, "body_lemma", WORD)

    for hit in hits:
        weight = dict(searcher.vector_as("weight", hit.docnum, "body_lemma"))[WORD]
        length = searcher.doc_field_length(hit.docnum, "body_lemma")
        assert hit.score == pytest.approx(scoring.bm25(idf, weight, length, average, 0.75, 1.2))
    assert len(hits) > 2


def test_every_term_has_the_statistics_of_a_stock_index(searcher: Searcher, stock: Searcher) -> None:
    ours, theirs = searcher.reader(), stock.reader()
    assert list(ours.all_terms()) == sorted(ours.all_terms())
    for name in theirs.indexed_field_names():
        if name != "published":  # a stock index keeps dates with less precision as well, and so does ours
            assert list(ours.lexicon(name)) == list(theirs.lexicon(name)), name
            for text in theirs.lexicon(name):
                expected = theirs.term_info(name, text)
                found = ours.term_info(name, text)
                assert found.doc_frequency() == ours.doc_frequency(name, text) == expected.doc_frequency()
                assert found.weight() == pytest.approx(expected.weight(), rel=1e-5), (name, text.decode())
                assert ours.frequency(name, text) == pytest.approx(found.weight(), rel=1e-9)
                assert found.max_weight() == pytest.approx(expected.max_weight(), rel=1e-5)
                assert (name, text) in ours
    assert list(ours.lexicon("published")) == list(theirs.lexicon("published"))


def test_lengths_are_those_of_a_stock_index(searcher: Searcher, stock: Searcher, articles: dict[str, Document]) -> None:
    bodies = [load_analyzer().analyze(document.text).words for document in articles.values()]
    # a stock index counts the terms of a word: a compound in several words has two surfaces
    further = sum(max(0, len(_surfaces(word)) - 1) for words in bodies for word in words)
    assert further
    for name, more in (("title_surface", 0), ("body_surface", further)):
        lengths = [
            searcher.doc_field_length(searcher.document_number(id=fields["id"]), name)
            for fields in stock.all_stored_fields()
        ]
        assert searcher.field_length(name) == sum(lengths) == stock.field_length(name) - more
        assert searcher.reader().min_field_length(name) == min(lengths)
        assert searcher.max_field_length(name) == max(lengths)


def _surfaces(word: Word) -> list[str]:
    return [term.text for term in word.terms if term.field is TokenField.SURFACE]


def test_words_of_deleted_articles_are_not_terms(searcher: Searcher) -> None:
    reader = searcher.reader()

    assert ("body_surface", "المنافسه".encode()) not in reader  # of the deleted article alone
    assert "المنافسه" not in reader.field_terms("body_surface")
    assert list(reader.expand_prefix("body_surface", "المنافس")) == []
    with pytest.raises(TermNotFound, match="body_surface"):
        reader.term_info("body_surface", "المنافسه")
    with pytest.raises(TermNotFound, match="body_surface"):
        reader.postings("body_surface", "المنافسه")


@pytest.mark.parametrize(("text", "distance", "prefix"), [("الوزير", 1, 0), ("وزير", 2, 1), ("لا", 1, 0), ("", 1, 0)])
def test_terms_within_some_edits_are_those_of_a_stock_index(
    text: str, distance: int, prefix: int, searcher: Searcher, stock: Searcher
) -> None:
    def within(opened: Searcher) -> list[str]:
        return list(opened.reader().terms_within("body_surface", text, distance, prefix=prefix))

    assert within(searcher) == within(stock)
    assert searcher.suggest("body_surface", text, prefix=prefix) == stock.suggest("body_surface", text, prefix=prefix)


def test_terms_are_read_from_any_lower_bound(searcher: Searcher, stock: Searcher) -> None:
    for name, text in (
        ("body_lemma", "ك"),
        ("id", "m"),
        ("published", b""),
        ("source", "قناة"),
        ("title_written", "ي"),
    ):
        prefix = searcher.schema[name].to_bytes(text) if text else b""
        found = list(searcher.reader().terms_from(name, prefix))
        assert found == [item for item in searcher.reader().all_terms() if item >= (name, prefix)]
        same = [item for item in found if item[0] == name]
        assert same == [item for item in stock.reader().terms_from(name, text) if item[0] == name]
        assert same
        assert searcher.reader().first_id(*same[0]) == next(searcher.docs_for_query(query.Term(*same[0])))


@pytest.mark.parametrize("name", ["published", "day", "source", "agency", "id"])
def test_the_documents_of_a_value_ascend(name: str, searcher: Searcher) -> None:
    for text in searcher.lexicon(name):
        found = list(searcher.postings(name, text).all_ids())
        assert found == sorted(set(found))
        assert len(found) == searcher.doc_frequency(name, text) == searcher.frequency(name, text) > 0


def test_a_text_that_is_not_a_date_is_not_a_term(searcher: Searcher) -> None:
    reader = searcher.reader()

    for text in (b"", b"2024", b"\x08" + b"\xff" * 8, b"\x09" + b"\0" * 8, b"\xff" * 9):
        assert ("published", text) not in reader
        assert reader.frequency("published", text) == reader.doc_frequency("published", text) == 0


def test_dates_are_read_from_any_lower_bound(searcher: Searcher) -> None:
    terms = [text for name, text in searcher.reader().all_terms() if name == "published"]
    assert terms == sorted(terms)
    between = [bytes([*text[:-1], text[-1] - 1]) for text in terms if text[-1]]
    after = [text + b"\0" for text in terms]
    for text in (b"", b"\0", b"\x09", b"\x09" + b"\xff" * 8, b"\x40", b"\xff" * 12, *terms, *between, *after):
        found = [other for name, other in searcher.reader().terms_from("published", text) if name == "published"]
        assert found == [other for other in terms if other >= text]


def test_a_text_that_is_not_an_id_is_not_a_term(searcher: Searcher) -> None:
    assert ("id", b"\xff") not in searcher.reader()
    assert len(searcher.search(query.Term("id", "\ud800"))) == 0
    assert len(searcher.search(query.Term("body_lemma", "\ud800"))) == 0


def test_a_cursor_moves_forwards_and_backwards(searcher: Searcher) -> None:
    terms = list(searcher.reader().field_terms("body_lemma"))
    cursor = searcher.reader().cursor("body_lemma")

    assert cursor.text() == terms[0]
    assert cursor.find(terms[7]) == terms[7]
    assert cursor.next() == terms[8]
    assert cursor.find(terms[2]) == terms[2]
    assert cursor.first() == terms[0]
    assert cursor.find(terms[-1]) == terms[-1]
    assert cursor.next() is None
    assert cursor.next() is None
    assert not cursor.is_valid()


PARSED = {
    "وزراء": "body_lemma:وزير",
    "كتب": "(body_lemma:كتاب OR body_lemma:كتب)",
    "من": "<_NullQuery>",
    "وزراء من": "body_lemma:وزير",
    "title_surface:القرارات": "title_surface:القرارات",
    "إلو*": "body_lemma:الو*",
    "body_surface:أخب*": "body_surface:اخب*",
    "body_written:أخب*": "body_written:أخب*",
    "body_root:كت*": "body_root:كت*",
    "body_lemma:جمهورية*": "body_lemma:جمهورية*",
    "body_surface:جمهورية*": "body_surface:جمهوريه*",
    "body_written:أَخْب*": "body_written:أخب*",
    "'في البيت' OR وزراء": "(body_lemma:بيت OR body_lemma:وزير)",
    "source:'قناة الجزيرة'": "source:قناة الجزيرة",
}


@pytest.mark.parametrize(("typed", "expected"), PARSED.items())
def test_a_parser_analyzes_words_as_the_index_does(typed: str, expected: str, searcher: Searcher) -> None:
    assert str(qparser.QueryParser("body_lemma", searcher.schema).parse(typed)) == expected
    assert str(query_parser("body_lemma", searcher.schema).parse(typed)) == expected


def test_a_phrase_of_whooshs_own_parser_has_the_most_likely_reading_of_each_word(searcher: Searcher) -> None:
    parsed = qparser.QueryParser("body_lemma", searcher.schema).parse('"كتب كتابا إلى الوزراء"')

    assert parsed == query.Phrase("body_lemma", ["كتاب", "كتاب", "وزير"])


def ids(searcher: Searcher, asked: query.Query) -> set[str]:
    return {hit["id"] for hit in searcher.search(asked, limit=None)}


def test_a_phrase_of_the_parser_counts_stop_words(searcher: Searcher) -> None:
    parser = query_parser("body_surface", searcher.schema)

    assert ids(searcher, parser.parse('"القبض على قيادي"')) == {"bus-lines"}
    assert ids(searcher, parser.parse('"القبض على في قيادي"')) == set()
    assert ids(searcher, parser.parse('"القبض قيادي"')) == set()
    assert ids(searcher, parser.parse('"القبض قيادي"~2')) == {"bus-lines"}
    assert ids(searcher, parser.parse('"قيادي على القبض"')) == set()
    assert ids(searcher, parser.parse('"قرر مجلس الوزراء القبض على قيادي في الوزارة"')) == {"bus-lines"}
    assert parser.parse('"على في"') == query.NullQuery


def test_a_phrase_of_the_parser_matches_every_reading(searcher: Searcher) -> None:
    parsed = query_parser("body_lemma", searcher.schema).parse('"كتب كتابا"')

    assert ids(searcher, parsed) == {"undated"}
    assert searcher.search(query_parser("body_lemma", searcher.schema).parse('"كتب كتابا"^2'))[
        0
    ].score == pytest.approx(2 * searcher.search(parsed)[0].score)


def test_a_phrase_in_another_field_is_whooshs_own(searcher: Searcher) -> None:
    parsed = query_parser("body_lemma", searcher.schema).parse('source:"قناة الجزيرة" AND day:"20240103"')

    assert ids(searcher, parsed) == {"bus-lines"}


def test_days_are_in_the_zone_of_the_index_and_times_in_utc(searcher: Searcher) -> None:
    parser = qparser.QueryParser("body_lemma", searcher.schema)

    assert "bus-lines" in ids(searcher, parser.parse("day:20240103"))  # half past one in Riyadh
    assert "bus-lines" not in ids(searcher, parser.parse("day:20240102"))
    assert "bus-lines" in ids(searcher, parser.parse("published:2024010222"))
    assert ids(searcher, parser.parse("day:[20240101 TO 20240131]")) == ids(searcher, parser.parse("day:202401"))
