"""Whoosh's expansion models use our vectors and frequencies: key terms of an article, and similar articles."""

from __future__ import annotations

import pytest
from whoosh import query
from whoosh.classify import Bo1Model, Bo2Model, KLModel
from whoosh.searching import Searcher

from index.document import Document

MODELS = [
    (Bo1Model, "body_lemma"),
    (Bo1Model, "body_root"),
    (Bo1Model, "title_lemma"),
    # these two rest on the length of a field too, which a stock index counts by terms and ours by words
    (Bo2Model, "body_surface"),
    (KLModel, "body_surface"),
]


@pytest.mark.parametrize(("model", "name"), MODELS)
def test_key_terms_are_those_of_a_stock_index(model: type, name: str, searcher: Searcher, stock: Searcher) -> None:
    compared = 0
    for fields in stock.all_stored_fields():
        ours, theirs = (opened.document_number(id=fields["id"]) for opened in (searcher, stock))
        found = dict(searcher.key_terms([ours], name, numterms=1000, model=model))
        if stock.has_vector(theirs, name):
            expected = dict(stock.key_terms([theirs], name, numterms=1000, model=model))
            assert found == pytest.approx(expected, rel=1e-3)
            compared += 1
        else:
            assert found == {}
    assert compared > 40


SEEDS = {
    "000_ad51391c0478e70a": {"ترامب", "روسي", "رئيس", "محادثة"},
    "001_3e5401b0e91f3fad": {"بوتين", "وقف", "نار", "اتفق"},
    "002_89aaa673857e5ad5": {"ترامب", "بوتين", "اوكرانيا", "استخباراتي"},
    "003_2f2a242755a9d746": {"ترمب", "زيلينسكي", "حرب", "سلام"},
    "004_c2891e5a9894b71a": {"موسكو", "واشنطن", "ترامب", "مكالمة"},
}


@pytest.mark.parametrize(("seed", "expected"), SEEDS.items())
def test_the_key_terms_of_a_seed_are_about_its_topic(seed: str, expected: set[str], searcher: Searcher) -> None:
    number = searcher.document_number(id=seed)

    terms = searcher.key_terms([number], "body_lemma", numterms=12, model=Bo1Model)

    assert expected <= {term for term, _ in terms}, terms
    weights = [weight for _, weight in terms]
    assert weights == sorted(weights, reverse=True)


def test_articles_like_a_seed_are_the_other_seeds(searcher: Searcher) -> None:
    for seed in SEEDS:
        found = searcher.more_like(searcher.document_number(id=seed), "body_lemma", top=4, numterms=30)
        assert len({hit["id"] for hit in found} & set(SEEDS)) >= 3, seed
        assert seed not in {hit["id"] for hit in found}


def test_results_have_key_terms_and_hits_like_them(searcher: Searcher) -> None:
    results = searcher.search(query.Term("body_lemma", "بوتين"))

    terms = [term for term, _ in results.key_terms("body_lemma", numterms=15, model=Bo1Model)]

    assert {"ترامب", "بوتين"} <= set(terms)
    assert len(results[0].more_like_this("body_lemma")) > 0


def test_a_text_has_key_terms(searcher: Searcher, articles: dict[str, Document]) -> None:
    number = searcher.document_number(id="bus-lines")

    assert searcher.key_terms_from_text("body_lemma", articles["bus-lines"].text) == [
        (term, pytest.approx(weight)) for term, weight in searcher.key_terms([number], "body_lemma")
    ]
