"""Explains the first-stage score of a document: the score of each word and phrase, split by the forms that match."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol, assert_never

import numpy as np

from index.schema import Level, Section
from search.engine import Feature, MatchPosition, ScorePart
from search.engines.addresses import SECTIONS
from search.engines.forms import LEVELS, Array, Forms
from search.engines.tokens import Tokens
from search.query import And, AtLeast, Near, Node, Or, Phrase, Prefix, Term, Unscored

_WORD_BITS = 32
"""Bits of the number of a word."""


class Scored(Protocol):
    """One document with its first-stage scores, as an engine provides it."""

    @property
    def norms(self) -> Mapping[Section, float]:
        """Norm of each of its sections: `search.ranking.section_norms`."""

    @property
    def words(self) -> Array:
        """Word numbers of its tokens, title first, shape (tokens,)."""

    @property
    def tokens(self) -> Tokens:
        """The tokens in `words`."""

    def score(self, node: Node) -> float | None:
        """Return its first-stage score for a tree; None if it does not match."""

    def forms(self, node: Term | Prefix) -> Forms:
        """Return the forms of a word of the query in the index."""

    def written(self, word: int) -> str:
        """Return the letters of a word by its number, as written."""


def form_parts(document: Scored, node: Node) -> Iterator[ScorePart]:
    """Yield the parts of the first-stage score of a document; none if it does not match.

    The parts follow the order of the words in the query; those of a word have the title before the body, and within a
    section the highest value first.
    """
    score = document.score(node)
    if score is None or isinstance(node, Unscored):
        return
    match node:
        case Term() | Prefix():
            yield from _word_parts(document, node, score)
        case AtLeast():
            yield from _word_parts(document, node.term, score)
        case Phrase() | Near():
            yield from _phrase_parts(document, node, score)
        case And() | Or():
            for child in node.children:
                yield from form_parts(document, child)
        case _:
            assert_never(node)


def _word_parts(document: Scored, node: Term | Prefix, score: float) -> Iterator[ScorePart]:
    """Yield the score of a word, divided in proportion to the weight of each of its forms in each section."""
    forms = document.forms(node)
    addresses = document.tokens.word(node).addresses
    # section and word in one number: ten times as fast to make unique as pairs
    keys = (document.tokens.section_of(addresses).astype(np.int64) << _WORD_BITS) | document.words[addresses]
    pairs, counts = np.unique(keys, return_counts=True)
    sections, words = pairs >> _WORD_BITS, pairs & ((1 << _WORD_BITS) - 1)
    indices = np.searchsorted(forms.words, words)
    norms = np.array([document.norms[section] for section in SECTIONS])
    weights = counts * forms.weights[indices] * norms[sections]
    shares = score * weights / weights.sum()
    rows = zip(sections.tolist(), words.tolist(), indices.tolist(), counts.tolist(), shares.tolist(), strict=True)
    parts = [
        ScorePart(
            Feature.FORMS,
            share,
            node.word,
            document.written(word),
            SECTIONS[section],
            LEVELS[int(forms.levels[index])],
            count,
        )
        for section, word, index, count, share in rows
    ]
    yield from sorted(parts, key=lambda part: (SECTIONS.index(part.section or Section.BODY), -part.value, part.form))


def _phrase_parts(document: Scored, node: Phrase | Near, score: float) -> Iterator[ScorePart]:
    """Yield the score of a phrase, divided in proportion to the weight of its occurrences in each section."""
    sections = document.tokens.section_of(document.tokens.starts_of(node))
    counts = {section: int(np.count_nonzero(sections == number)) for number, section in enumerate(SECTIONS)}
    weights = {section: count * document.norms[section] for section, count in counts.items()}
    matches = document.tokens.positions(node)[0]
    text = " ".join(term.text for term in node.terms)
    for section, weight in weights.items():
        if weight:
            share = score * weight / sum(weights.values())
            level = _widest_level(matches, section)
            yield ScorePart(Feature.FORMS, share, node.terms[0].word, text, section, level, counts[section])


def _widest_level(matches: tuple[MatchPosition, ...], section: Section) -> Level:
    return max((match.level for match in matches if match.section is section), key=LEVELS.index)
