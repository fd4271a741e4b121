"""What the first stage gives a document: the score of each word and phrase, parted by the forms it was found as."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

import numpy as np

from index.schema import Level, Section
from search.engine import Feature, MatchPosition, ScorePart
from search.engines.forms import LEVELS, Array, Forms
from search.engines.places import SECTIONS
from search.engines.tokens import Tokens
from search.query import And, AtLeast, Near, Node, Or, Phrase, Prefix, Term


class Scored(Protocol):
    """One document that an engine has scored."""

    @property
    def norms(self) -> Mapping[Section, float]:
        """What an occurrence in a section weighs in it."""

    @property
    def words(self) -> Array:
        """Its tokens, title first, as numbers of words."""

    @property
    def tokens(self) -> Tokens:
        """The same."""

    def score(self, node: Node) -> float | None:
        """Return what the first stage gives it for a tree; None where it does not match."""

    def forms(self, node: Term | Prefix) -> Forms:
        """Return the forms of a word of the query."""

    def written(self, word: int) -> str:
        """Return the letters of a word."""


def form_parts(document: Scored, node: Node) -> Iterator[ScorePart]:
    """Yield the parts of what the first stage gives a document; none where it does not match.

    Words come in the order of the query, of each the title before the body, and there what counts most before the rest.
    """
    score = document.score(node)
    if score is None:
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
            return


def _word_parts(document: Scored, node: Term | Prefix, score: float) -> Iterator[ScorePart]:
    """Part the score of a word by what the occurrences of its forms weigh in each section."""
    forms = document.forms(node)
    places = document.tokens.word(node).places
    pairs, counts = np.unique(
        np.stack([document.tokens.within(places), document.words[places].astype(np.int64)]), axis=1, return_counts=True
    )
    which = np.searchsorted(forms.words, pairs[1])
    norms = np.array([document.norms[section] for section in SECTIONS])
    weights = counts * forms.weights[which] * norms[pairs[0]]
    shares = score * weights / weights.sum()
    rows = zip(pairs[0].tolist(), pairs[1].tolist(), which.tolist(), counts.tolist(), shares.tolist(), strict=True)
    parts = [
        ScorePart(
            Feature.FORMS,
            share,
            node.word,
            document.written(word),
            SECTIONS[section],
            LEVELS[int(forms.levels[place])],
            count,
        )
        for section, word, place, count, share in rows
    ]
    yield from sorted(parts, key=lambda part: (SECTIONS.index(part.section or Section.BODY), -part.value, part.form))


def _phrase_parts(document: Scored, node: Phrase | Near, score: float) -> Iterator[ScorePart]:
    """Part the score of a phrase by its occurrences in each section."""
    within = document.tokens.within(document.tokens.starts_of(node))
    counts = {section: int(np.count_nonzero(within == place)) for place, section in enumerate(SECTIONS)}
    weights = {section: count * document.norms[section] for section, count in counts.items()}
    found = document.tokens.positions(node)[0]
    text = " ".join(term.text for term in node.terms)
    for section, weight in weights.items():
        if weight:
            share = score * weight / sum(weights.values())
            level = _widest(found, section)
            yield ScorePart(Feature.FORMS, share, node.terms[0].word, text, section, level, counts[section])


def _widest(found: tuple[MatchPosition, ...], section: Section) -> Level:
    return max((match.level for match in found if match.section is section), key=LEVELS.index)
