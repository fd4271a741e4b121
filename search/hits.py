"""Hits as they are shown, of an engine's hits: the passages, and how the article matched."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from operator import itemgetter

from index.analysis.pipeline import Analyzer
from index.analysis.tokens import FieldTerm, Word
from index.document import StoredDocument
from index.schema import CLOSENESS, Level, Section, TokenField
from search.engine import EngineHit, MatchPosition
from search.results import Hit, Match
from search.snippet import passages
from search.windows import representatives

MAX_FORMS = 12
"""Word forms that a hit names."""

_pair = itemgetter(MatchPosition._fields.index("word"), MatchPosition._fields.index("level"))


class HitBuilder:
    """Makes the hits of one search; what hits share is worked out once."""

    def __init__(self, words: Sequence[Word], analyzer: Analyzer) -> None:
        """Make hits of a search for `words`, whose numbers the matches name."""
        self._words = words
        self._analyzer = analyzer
        self._shared: dict[tuple[int, frozenset[str]], tuple[str | None, str | None]] = {}

    def hit(self, hit: EngineHit, stored: StoredDocument) -> Hit:
        """Return an engine's hit with its passages and how it matched."""
        shown = passages(stored, hit.matches)
        return Hit(
            document=stored.document,
            title=shown.title,
            title_inferred=shown.title_inferred,
            title_marks=shown.title_marks,
            score=hit.score,
            match=self._match(hit, stored),
            snippets=shown.snippets,
        )

    def _match(self, hit: EngineHit, stored: StoredDocument) -> Match:
        closest = _closest(hit.matches)
        found = _forms(stored, representatives(hit.matches))
        forms: dict[str, Level] = {}
        for form, _, level in found:
            if form not in forms or CLOSENESS[level] < CLOSENESS[forms[form]]:
                forms[form] = level
        ranked = sorted(forms, key=lambda form: CLOSENESS[forms[form]])[:MAX_FORMS]
        if not closest:
            return Match(None, hit.complete, (), ())
        loosest = max(closest, key=lambda number: (CLOSENESS[closest[number]], -number))
        lemma, root = self._likeliest(loosest, frozenset(form for form, number, _ in found if number == loosest))
        return Match(
            level=closest[loosest],
            complete=hit.complete,
            lemma=lemma,
            root=root,
            words=tuple(ranked),
            levels=tuple(forms[form] for form in ranked),
        )

    def _likeliest(self, number: int, forms: frozenset[str]) -> tuple[str | None, str | None]:
        """Return the likeliest lemma and root of a word of the query, of those that it was found by if it was."""
        known = self._shared.get((number, forms))
        if known is None:
            terms = self._words[number].terms
            by_field = {
                field: [term for term in terms if term.field is field] for field in (TokenField.LEMMA, TokenField.ROOT)
            }
            # only a word of several readings has to be compared with what was found
            theirs = self._terms(forms) if any(len(readings) > 1 for readings in by_field.values()) else frozenset()
            lemma, root = (_likeliest(readings, theirs) for readings in by_field.values())
            known = self._shared[number, forms] = (lemma, root)
        return known

    def _terms(self, forms: Iterable[str]) -> frozenset[tuple[TokenField, str]]:
        return frozenset(
            (term.field, term.text)
            for form in forms
            for word in self._analyzer.analyze(form).words
            for term in word.terms
        )


def _closest(matches: Sequence[MatchPosition]) -> dict[int, Level]:
    """Return the closest level at which each word was found."""
    pairs: set[tuple[int, Level]] = set()
    pairs.update(map(_pair, matches))
    closest: dict[int, Level] = {}
    for number, level in pairs:
        if number not in closest or CLOSENESS[level] < CLOSENESS[closest[number]]:
            closest[number] = level
    return closest


def _forms(stored: StoredDocument, matches: Sequence[MatchPosition]) -> list[tuple[str, int, Level]]:
    """Return each form that was found, with the word that found it and its level, in the order of the article."""
    found: dict[tuple[str, int, Level], None] = {}
    texts = {Section.TITLE: stored.document.title, Section.BODY: stored.document.text}
    for section, position, number, level in matches:
        offsets = stored.offsets[section]
        found[texts[section][offsets.starts[position] : offsets.ends[position]], number, level] = None
    return list(found)


def _likeliest(terms: Sequence[FieldTerm], theirs: Container[tuple[TokenField, str]]) -> str | None:
    return max(terms, key=lambda term: ((term.field, term.text) in theirs, term.weight)).text if terms else None
