"""The second stage on constructed occurrences: which candidate ranks higher, and the values of the parts."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.schema import LADDER, Level, Section, TokenField
from search import ranking
from search.query import Alternative, And, AtLeast, Near, Node, Not, Or, Phrase, Term
from search.ranking import Grade, grades
from search.reranking import SECTIONS, Occurrences, Parts, ranked_words, rerank

FAR = 30
"""A distance in tokens that is longer than any passage."""


class Seen(NamedTuple):
    """One occurrence of a word of the query in a candidate."""

    position: int
    word: int = 0
    level: Level = Level.EXACT
    section: Section = Section.BODY


def counts(level: Level) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the grades of a form that matches at a level, and therefore at all wider levels of the ladder."""
    strengths = np.zeros((1, len(Level)))
    wider = LADDER[LADDER.index(level) :] if level in LADDER else (level,)
    strengths[0, [list(Level).index(each) for each in wider]] = 1.0
    row: np.ndarray[tuple[int], np.dtype[np.float64]] = grades(strengths)[0]
    return row


def parts(*candidates: list[Seen], words: int = 2) -> Parts:
    """Return the parts of candidates of average length, for words with equal idfs."""
    rows = sorted(
        (number, SECTIONS.index(seen.section), seen.position, seen.word, seen.level)
        for number, candidate in enumerate(candidates)
        for seen in candidate
    )
    table = np.zeros((len(rows), words, len(Grade)))
    for row, (_, _, _, word, level) in enumerate(rows):
        table[row, word] = counts(level)
    candidate, section, position = (np.array([row[column] for row in rows], np.int64) for column in range(3))
    norms = np.tile([ranking.SECTION_WEIGHTS[section] for section in SECTIONS], (len(candidates), 1))
    return rerank(Occurrences(candidate, section, position, table), norms, np.full(words, 2.0))


def order(found: Parts) -> list[int]:
    best_first: list[int] = np.argsort(-found.score(), kind="stable").tolist()
    return best_first


def test_the_second_stage_never_reverses_the_ladder() -> None:
    scores = parts(*([Seen(3, level=level)] for level in LADDER), words=1).score().tolist()
    assert scores == sorted(scores, reverse=True)
    first = [counts(level)[Grade.LISTED] for level in LADDER]
    assert first == sorted(set(first), reverse=True), "the first stage tells all levels apart"


def test_only_the_word_itself_counts_as_surface() -> None:
    found = parts([Seen(0)], [Seen(0, level=Level.CLITIC)], [Seen(0, level=Level.SPELLING)], words=1)
    assert found.surface.tolist() == [found.surface[0], 0, 0]
    assert found.surface[0] > 0


def test_the_same_words_earlier_score_higher() -> None:
    assert order(parts([Seen(60)], [Seen(0)], words=1)) == [1, 0]


def test_words_together_score_higher_than_apart() -> None:
    found = parts([Seen(0), Seen(FAR, 1)], [Seen(0), Seen(ranking.PASSAGE_TOKENS - 1, 1)])
    assert found.window[1] == 2 * found.window[0]
    found = parts([Seen(0), Seen(ranking.PASSAGE_TOKENS, 1)], [Seen(0)])
    assert found.window[1] == found.window[0]


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [(0, 1, True), (0, ranking.PAIR_TOKENS, True), (0, ranking.PAIR_TOKENS + 1, False), (1, 0, False)],
)
def test_a_pair_has_adjacent_words_of_the_query_in_their_order(first: int, second: int, together: bool) -> None:  # noqa: FBT001
    assert bool(parts([Seen(first), Seen(second, 1)]).pairs[0]) is together


def test_words_that_are_not_adjacent_in_the_query_are_no_pair() -> None:
    assert parts([Seen(0), Seen(1, 2)], words=3).pairs[0] == 0


def test_a_late_passage_keeps_most_of_the_opening() -> None:
    """A passage further down scores more than a single word at the beginning."""
    found = parts([Seen(400), Seen(401, 1)], [Seen(0)], [Seen(0), Seen(1, 1)])
    assert order(found) == [2, 0, 1]
    assert found.opening[0] > 0.5 * found.opening[2]


def test_every_position_in_a_title_is_an_opening() -> None:
    found = parts([Seen(9, section=Section.TITLE)], [Seen(0)], [Seen(9)], words=1)
    assert found.opening[0] == found.opening[1] > found.opening[2]


def test_windows_and_pairs_do_not_cross_sections_or_articles() -> None:
    across = parts([Seen(0, section=Section.TITLE), Seen(1, 1)], [Seen(2)], [Seen(3, 1)])
    single = parts([Seen(0, section=Section.TITLE)], [Seen(2)], [Seen(3, 1)])
    assert across.window.tolist() == single.window.tolist()
    assert across.pairs.tolist() == [0, 0, 0]


def test_an_article_without_the_words_gets_nothing() -> None:
    assert parts([], [Seen(0)], []).score()[[0, 2]].tolist() == [0, 0]
    assert parts([], []).score().tolist() == [0, 0]


seen = st.builds(
    Seen,
    st.integers(0, 80),
    st.integers(0, 2),
    st.sampled_from(list(Level)),
    st.sampled_from(list(Section)),
)
articles = st.lists(seen, max_size=8, unique_by=lambda found: (found.section, found.position))


@given(st.lists(articles, min_size=1, max_size=4))
def test_the_score_of_an_article_does_not_depend_on_the_other_candidates(candidates: list[list[Seen]]) -> None:
    together = np.stack(parts(*candidates, words=3))
    alone = np.stack([np.stack(parts(candidate, words=3))[:, 0] for candidate in candidates], axis=1)
    assert np.allclose(together, alone)
    assert (together >= 0).all()


@given(articles, seen)
def test_another_occurrence_never_lowers_a_score(article: list[Seen], more: Seen) -> None:
    if any((found.section, found.position) == (more.section, more.position) for found in article):
        return
    before, after = parts(article, words=3), parts([*article, more], words=3)
    assert all(new[0] >= old[0] - 1e-12 for old, new in zip(before, after, strict=True))


@given(articles, st.integers(1, 60))
def test_a_later_position_never_makes_a_better_opening(article: list[Seen], later: int) -> None:
    moved = [found._replace(position=found.position + later) for found in article if found.section is Section.BODY]
    here = [found for found in article if found.section is Section.BODY]
    assert parts(moved, words=3).opening[0] <= parts(here, words=3).opening[0] + 1e-12
    assert parts(moved, words=3).window[0] == pytest.approx(parts(here, words=3).window[0])


@given(articles)
def test_the_best_window_is_the_best_of_all_windows(article: list[Seen]) -> None:
    """Compares with a direct computation, window by window."""
    best = 0.0
    for first in article:
        near = [
            found
            for found in article
            if found.section is first.section and 0 <= found.position - first.position < ranking.PASSAGE_TOKENS
        ]
        words = [[ranking.NEAR_WEIGHTS[found.level] for found in near if found.word == word] for word in range(3)]
        best = max(best, sum(2.0 * max(found, default=0.0) for found in words))
    assert parts(article, words=3).window[0] == pytest.approx(ranking.PASSAGE * best)


def word(number: int) -> Term:
    alternative = Alternative(Level.EXACT, TokenField.SURFACE, f"w{number}", 1.0)
    return Term(f"w{number}", number, (alternative,))


@pytest.mark.parametrize(
    ("node", "numbers"),
    [
        (And((word(2), Or((word(0), word(1))))), [0, 1, 2]),
        (And((word(0), Not(word(1)))), [0]),
        (And((Phrase((word(0), word(1)), (0, 1)), AtLeast(word(2), 3))), [0, 1, 2]),
        (Near((word(0), word(1)), 5), [0, 1]),
        (And((word(0), dataclasses.replace(word(0), word=1))), [0]),
        (And((word(0), dataclasses.replace(word(0), word=1, sections=(Section.TITLE,)))), [0, 1]),
        (Not(word(0)), []),
    ],
)
def test_words_count_once_in_the_order_of_the_query_and_excluded_ones_never(node: Node, numbers: list[int]) -> None:
    assert [found.word for found in ranked_words(node)] == numbers
