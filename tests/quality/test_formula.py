"""The formula on documents made for it: what must rank above what, and that a score says what it is made of."""

from __future__ import annotations

import numpy as np
import pytest

from bench.quality.ranking.formula import (
    Evidence,
    Forward,
    Parts,
    QueryWord,
    Rung,
    SectionPostings,
    evidence,
    first_stage,
    second_stage,
)

EXACT, CLITIC, LEMMA, FAMILY, ROOT, SPELLING, SOFT = range(1, 8)
"""Word ids: each matches the first query word on one rung."""
OTHER, PAD, VOCABULARY = 8, 9, 10


def first_word() -> QueryWord:
    strengths = np.zeros((7, len(Rung)), dtype=np.float32)
    for rung in Rung:
        strengths[rung, rung] = 1.0
    strengths[Rung.EXACT] = 1.0
    return QueryWord(np.arange(1, 8, dtype=np.int32), strengths, np.full(len(Evidence), 3))


def other_word() -> QueryWord:
    strengths = np.ones((1, len(Rung)), dtype=np.float32)
    return QueryWord(np.array([OTHER], dtype=np.int32), strengths, np.full(len(Evidence), 3))


def section(documents: list[list[int]]) -> Forward:
    lengths = np.array([sum(word > 0 for word in document) for document in documents], dtype=np.float64)
    starts = np.concatenate([[0], np.cumsum([len(document) for document in documents])])
    words = np.array([word for document in documents for word in document], dtype=np.int32)
    return Forward(words, starts, lengths, float(lengths.mean()))


def postings(documents: list[list[int]]) -> SectionPostings:
    held = [
        (word, number, document.count(word))
        for word in range(VOCABULARY)
        for number, document in enumerate(documents)
        if word and word in document
    ]
    forward = section(documents)
    return SectionPostings(
        np.searchsorted([word for word, _, _ in held], np.arange(VOCABULARY + 1)),
        np.array([number for _, number, _ in held], dtype=np.int32),
        np.array([count for _, _, count in held], dtype=np.float64),
        forward.lengths,
        forward.average,
    )


def again(bodies: list[list[int]], titles: list[list[int]] | None = None, words: int = 2) -> Parts:
    asked = [first_word(), other_word()][:words]
    title = section(titles) if titles else None
    return second_stage(asked, section(bodies), title, documents=100, vocabulary=VOCABULARY)


def order(parts: Parts) -> list[int]:
    best_first: list[int] = np.argsort(-parts.score(), kind="stable").tolist()
    return best_first


def test_each_rung_ranks_strictly_below_the_one_before() -> None:
    bodies = [[PAD, word, PAD] for word in (SOFT, ROOT, FAMILY, LEMMA, CLITIC, EXACT)]
    scores = again(bodies, words=1).score().tolist()
    assert scores[1:] == sorted(set(scores[1:])), "the ladder"
    assert scores[0] < scores[2], "a soft match stands below the family"


def test_stage_one_lists_every_rung_but_the_soft_one() -> None:
    scores = first_stage([first_word()], postings([[word] for word in range(1, 8)]), None)
    assert (scores[: Rung.SOFT] > 0).all()
    assert scores[Rung.SOFT] == 0
    assert scores[Rung.LEMMA] > scores[Rung.FAMILY] > scores[Rung.ROOT]


def test_stage_one_counts_a_title_above_a_body() -> None:
    bodies, titles = [[EXACT, PAD], [PAD, PAD], [], []], [[PAD], [EXACT], [], []]
    scores = first_stage([first_word()], postings(bodies), postings(titles))
    assert scores[1] > scores[0]


def test_the_same_words_earlier_are_worth_more() -> None:
    assert order(again([[PAD] * 60 + [EXACT], [EXACT] + [PAD] * 60], words=1)) == [1, 0]


def test_words_together_are_worth_more_than_apart() -> None:
    apart, together = [EXACT] + [PAD] * 30 + [OTHER], [EXACT, OTHER] + [PAD] * 30
    assert order(again([apart, together])) == [1, 0]


def test_neighbours_in_order_are_worth_more_than_turned_round() -> None:
    parts = again([[OTHER, EXACT, PAD, PAD, PAD], [EXACT, OTHER, PAD, PAD, PAD]])
    assert parts.pairs.tolist() == [0, parts.pairs[1]]
    assert parts.pairs[1] > 0


def test_an_answer_that_stands_late_keeps_most_of_the_opening() -> None:
    """The passage far down beats a single word at the beginning."""
    late, early = [PAD] * 400 + [EXACT, OTHER], [EXACT] + [PAD] * 401
    parts = again([late, early])
    assert order(parts) == [0, 1]
    assert parts.opening[0] > 0.5 * again([[EXACT, OTHER] + [PAD] * 400]).opening[0]


def test_a_word_in_the_title_stands_first_of_all() -> None:
    parts = again([[PAD] * 10 + [EXACT], [PAD] * 10 + [EXACT]], [[PAD], [EXACT]], words=1)
    assert order(parts) == [1, 0]


def test_a_window_does_not_reach_into_the_next_document() -> None:
    split = again([[PAD, EXACT], [OTHER, PAD]])
    joined = again([[PAD, EXACT, OTHER, PAD], [PAD]])
    assert joined.window[0] == pytest.approx(split.window[0] + split.window[1])
    assert split.pairs.tolist() == [0, 0]


def test_stop_words_keep_their_place_and_match_nothing() -> None:
    parts = again([[0, 0, 0, 0, EXACT], [EXACT]], words=1)
    assert parts.opening[1] > parts.opening[0] > 0


def test_a_document_without_the_words_scores_nothing() -> None:
    parts = again([[PAD, PAD], [], [EXACT, PAD]])
    assert parts.score()[:2].tolist() == [0, 0]


def test_the_parts_add_up_to_the_score() -> None:
    chance = np.random.default_rng(4)
    bodies = [chance.integers(0, VOCABULARY, chance.integers(0, 80)).tolist() for _ in range(50)]
    parts = again(bodies)
    assert np.allclose(sum(parts), parts.score())
    assert all((part >= 0).all() for part in parts)


def test_a_document_scores_the_same_in_any_company() -> None:
    chance = np.random.default_rng(5)
    bodies = [chance.integers(1, VOCABULARY, 40).tolist() for _ in range(20)]
    alone = [again([body]).score()[0] for body in bodies]
    assert np.allclose(again(bodies).score(), alone), "all lengths are equal, so the average is too"


def test_closer_rungs_are_evidence_of_wider_ones() -> None:
    found = evidence(first_word().strengths)
    assert (np.diff(found[Rung.EXACT, : Evidence.FAMILY + 1]) == 0).all()
    assert found[Rung.ROOT].tolist() == [0, 0, 0, 0]
    assert found[Rung.FAMILY, Evidence.FAMILY] > 0
