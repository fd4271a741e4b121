"""Explains the score of a hit: of the first stage each word and phrase, split by the forms that match; then the rest.

The parts of the second stage have the names of `reranking.Parts`, which are `Feature`s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import assert_never

import numpy as np

from index.schema import Level, Section
from search import deadline
from search.addresses import SECTIONS
from search.engine import Explanation, Feature, Listing, MatchPosition, ScorePart
from search.forms import LEVELS
from search.query import And, AtLeast, Near, Node, Or, Phrase, Prefix, Term, Unscored
from search.ranking_stages import Candidates, second_stage
from search.tokens import Tokens

_WORD_BITS = 32
"""Bits of the number of a word."""


class ScoredDocument:
    """One of the candidates, with its scores of the first stage."""

    def __init__(self, candidates: Candidates, document: int, score: Callable[[Node], float | None]) -> None:
        """Hold a document; `score` returns its first-stage score for a tree, None if it does not match."""
        self.candidates = candidates
        self.document = document
        self.score = score
        self.index = candidates.words
        self.norms = candidates.norms([document])[0]
        """Norm of each section, shape (sections,)."""
        self.words, starts = candidates.tokens([document])
        """Word numbers of its tokens, title first, shape (tokens,)."""
        self.tokens = Tokens(self.words, starts, self.index.forms)


def explained(document: ScoredDocument, listing: Listing, *, reranked: bool) -> Explanation:
    """Return the explanation of the score of a hit; `reranked` is whether the second stage scored it."""
    deadline.check()
    node = listing.listed
    candidates, number = document.candidates, document.document
    parts = [*_form_parts(document, node)]
    if reranked:
        added = second_stage(candidates, node, [number])
        parts += [ScorePart(Feature(name), float(value[0])) for name, value in added._asdict().items()]
    if listing.raises_newer:
        gain = float(candidates.gains([number])[0]) * sum(part.value for part in parts)
        parts.append(ScorePart(Feature.RECENCY, gain))
    parts = [part for part in parts if part.value]
    return Explanation(sum(part.value for part in parts), tuple(parts))


def _form_parts(document: ScoredDocument, node: Node) -> Iterator[ScorePart]:
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
                yield from _form_parts(document, child)
        case _:
            assert_never(node)


def _word_parts(document: ScoredDocument, node: Term | Prefix, score: float) -> Iterator[ScorePart]:
    """Yield the score of a word, divided in proportion to the weight of each of its forms in each section."""
    forms = document.index.forms(node)
    addresses = document.tokens.word(node).addresses
    # section and word in one number: ten times as fast to make unique as pairs
    keys = (document.tokens.section_of(addresses).astype(np.int64) << _WORD_BITS) | document.words[addresses]
    pairs, counts = np.unique(keys, return_counts=True)
    sections, words = pairs >> _WORD_BITS, pairs & ((1 << _WORD_BITS) - 1)
    indices = np.searchsorted(forms.words, words)
    weights = counts * forms.weights[indices] * document.norms[sections]
    shares = score * weights / weights.sum()
    rows = zip(sections.tolist(), words.tolist(), indices.tolist(), counts.tolist(), shares.tolist(), strict=True)
    parts = [
        ScorePart(
            Feature.FORMS,
            share,
            node.word,
            document.index.written(word),
            SECTIONS[section],
            LEVELS[int(forms.levels[index])],
            count,
        )
        for section, word, index, count, share in rows
    ]
    yield from sorted(parts, key=lambda part: (SECTIONS.index(part.section or Section.BODY), -part.value, part.form))


def _phrase_parts(document: ScoredDocument, node: Phrase | Near, score: float) -> Iterator[ScorePart]:
    """Yield the score of a phrase, divided in proportion to the weight of its occurrences in each section."""
    sections = document.tokens.section_of(document.tokens.starts_of(node))
    counts = {section: int(np.count_nonzero(sections == number)) for number, section in enumerate(SECTIONS)}
    weights = {section: counts[section] * float(norm) for section, norm in zip(SECTIONS, document.norms, strict=True)}
    matches = document.tokens.positions(node)[0]
    text = " ".join(term.text for term in node.terms)
    for section, weight in weights.items():
        if weight:
            share = score * weight / sum(weights.values())
            level = _widest_level(matches, section)
            yield ScorePart(Feature.FORMS, share, node.terms[0].word, text, section, level, counts[section])


def _widest_level(matches: tuple[MatchPosition, ...], section: Section) -> Level:
    return max((match.level for match in matches if match.section is section), key=LEVELS.index)
