"""What the first stage gives a document: the score of each word and phrase, parted by the forms it was found as."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from index.engines.whoosh.segment import SECTIONS
from index.schema import Level, Section
from search.engine import Feature, MatchPosition, ScorePart
from search.engines.whoosh.executor import Executor
from search.engines.whoosh.forms import LEVELS
from search.engines.whoosh.marking import match_positions
from search.engines.whoosh.postings import allowed
from search.engines.whoosh.snapshot import Numbers
from search.query import And, AtLeast, Near, Node, Or, Phrase, Prefix, Term


def form_parts(executor: Executor, node: Node, document: int) -> Iterator[ScorePart]:
    """Yield the parts of what the first stage gives a document; none where it does not match."""
    score = executor.run(node).score_of(document)
    if score is None:
        return
    match node:
        case Term() | Prefix():
            yield from _word_parts(executor, node, document, score)
        case AtLeast():
            yield from _word_parts(executor, node.term, document, score)
        case Phrase() | Near():
            yield from _phrase_parts(executor, node, document, score)
        case And() | Or():
            for child in node.children:
                yield from form_parts(executor, child, document)
        case _:
            return


def _word_parts(executor: Executor, node: Term | Prefix, document: int, score: float) -> Iterator[ScorePart]:
    """Part the score of a word by what the occurrences of its forms weigh in each section."""
    snapshot = executor.snapshot
    tokens, title = snapshot.tokens(document)
    forms = executor.forms(node)
    places: Numbers = np.flatnonzero(forms.within(tokens)).astype(np.int64)
    sections = (places >= title).astype(np.int64)
    kept = allowed(np.array([0, title]), places, sections, node.sections, node.within)
    pairs, counts = np.unique(np.stack([sections[kept], tokens[places[kept]]]), axis=1, return_counts=True)
    which = np.searchsorted(forms.words, pairs[1])
    norms = np.array([snapshot.norms[section][document] for section in SECTIONS])
    weights = counts * forms.weights[which] * norms[pairs[0]]
    shares = score * weights / weights.sum()
    rows = zip(pairs[0].tolist(), pairs[1].tolist(), which.tolist(), counts.tolist(), shares.tolist(), strict=True)
    for section, word, place, count, share in rows:
        owner, number = snapshot.generation.word_owner(word)
        level = LEVELS[int(forms.levels[place])]
        form = owner.written_form(number)
        yield ScorePart(Feature.FORMS, share, node.word, form, SECTIONS[section], level, count)


def _phrase_parts(executor: Executor, node: Phrase | Near, document: int, score: float) -> Iterator[ScorePart]:
    """Part the score of a phrase by its occurrences in each section."""
    snapshot = executor.snapshot
    starts = executor.places(node, document)
    weights = {section: len(found) * snapshot.norms[section][document] for section, found in starts.items()}
    found = match_positions(executor, node, [document])[0]
    text = " ".join(term.text for term in node.terms)
    for section, weight in weights.items():
        if weight:
            share = score * float(weight) / float(sum(weights.values()))
            level = _widest(found, section)
            yield ScorePart(Feature.FORMS, share, node.terms[0].word, text, section, level, len(starts[section]))


def _widest(found: tuple[MatchPosition, ...], section: Section) -> Level:
    return max((match.level for match in found if match.section is section), key=LEVELS.index)
