"""Hits as they are shown, of an engine's hits: the passages, and how the article matched."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Sequence
from operator import itemgetter
from typing import TypeVar

from index.analysis.pipeline import Analyzer
from index.analysis.tokens import FieldTerm, Word
from index.document import StoredDocument
from index.schema import CLOSENESS, Level, Section, TokenField
from search.engine import EngineHit, MatchPosition
from search.results import FoundForm, Hit, Match
from search.snippet import passages
from search.windows import MANY, representatives

MAX_TITLE = 1000
"""Code points of a title that a hit shows; the article has all of it. No newspaper has headlines half as long."""
MAX_FORMS = 12
"""Word forms that a hit names."""

_DERIVED = frozenset({Level.LEMMA, Level.FAMILY, Level.ROOT})
"""Levels that say nothing without the word they lead back to."""

_Key = TypeVar("_Key")
_pair = itemgetter(MatchPosition._fields.index("word"), MatchPosition._fields.index("level"))


class HitBuilder:
    """Makes the hits of one search; what hits share is worked out once."""

    def __init__(self, words: Sequence[Word], analyzer: Analyzer) -> None:
        """Make hits of a search for `words`, whose numbers the matches name."""
        self._words = words
        self._analyzer = analyzer
        self._read: dict[int, tuple[list[FieldTerm], list[FieldTerm]]] = {}
        self._of_form: dict[str, frozenset[tuple[TokenField, str]]] = {}
        self._found: dict[tuple[str, Level, int], FoundForm] = {}

    def hit(self, hit: EngineHit, stored: StoredDocument) -> Hit:
        """Return an engine's hit with its passages and how it matched."""
        shown = passages(stored, hit.matches)
        title, marks = shown.title, shown.title_marks
        if len(title) > MAX_TITLE:
            title = title[: MAX_TITLE - 1] + "…"
            marks = tuple(mark for mark in marks if mark.end < MAX_TITLE)
        return Hit(
            document=stored.document,
            title=title,
            title_inferred=shown.title_inferred,
            title_marks=marks,
            score=hit.score,
            match=self._match(hit, stored),
            snippets=shown.snippets,
        )

    def _match(self, hit: EngineHit, stored: StoredDocument) -> Match:
        if not hit.matches:
            return Match(None, hit.complete, ())
        few = representatives(hit.matches)
        found = _forms(stored, few)
        pairs = {(number, level) for _, number, level in found}
        if few is not hit.matches:
            _add_closer(pairs, hit.matches)
        closest = _closest(pairs)
        loosest = max(closest, key=lambda number: (CLOSENESS[closest[number]], -number))
        forms: dict[str, tuple[Level, int]] = {}
        for form, number, level in found:
            if form not in forms or CLOSENESS[level] < CLOSENESS[forms[form][0]]:
                forms[form] = (level, number)
        ranked = sorted(forms, key=lambda form: CLOSENESS[forms[form][0]])[:MAX_FORMS]
        lemma, root = self._origin(loosest, [form for form, number, _ in found if number == loosest])
        return Match(
            level=closest[loosest],
            complete=hit.complete,
            lemma=lemma,
            root=root,
            forms=tuple([self._found_form(form, *forms[form]) for form in ranked]),
        )

    def _found_form(self, form: str, level: Level, number: int) -> FoundForm:
        key = (form, level, number)
        known = self._found.get(key)
        if known is None:
            origin = self._origin(number, [form]) if level in _DERIVED else ()
            known = self._found[key] = FoundForm(form, level, *origin)
        return known

    def _origin(self, number: int, forms: Iterable[str]) -> tuple[str | None, str | None]:
        """Return the likeliest lemma and root of a word of the query, of those that `forms` share if they share any."""
        lemmas, roots = self._readings(number)
        if len(lemmas) <= 1 and len(roots) <= 1:  # nothing to choose: what was found need not be read
            return (lemmas[0].text if lemmas else None), (roots[0].text if roots else None)
        theirs = set().union(*map(self._terms, forms))
        return _likeliest(lemmas, theirs), _likeliest(roots, theirs)

    def _readings(self, number: int) -> tuple[list[FieldTerm], list[FieldTerm]]:
        """Return the lemmas and the roots of a word of the query."""
        known = self._read.get(number)
        if known is None:
            terms = self._words[number].terms
            known = self._read[number] = (
                [term for term in terms if term.field is TokenField.LEMMA],
                [term for term in terms if term.field is TokenField.ROOT],
            )
        return known

    def _terms(self, form: str) -> frozenset[tuple[TokenField, str]]:
        known = self._of_form.get(form)
        if known is None:
            words = self._analyzer.analyze(form).words
            known = self._of_form[form] = frozenset((term.field, term.text) for word in words for term in word.terms)
        return known


def _forms(stored: StoredDocument, matches: Iterable[MatchPosition]) -> Collection[tuple[str, int, Level]]:
    """Return each form that was found, with the word that found it and its level, in the order of the article."""
    found: dict[tuple[str, int, Level], None] = {}
    texts = {Section.TITLE: stored.document.title, Section.BODY: stored.document.text}
    here = None
    for section, position, number, level in matches:
        if section is not here:
            here, text, starts, ends = (
                section,
                texts[section],
                stored.offsets[section].starts,
                stored.offsets[section].ends,
            )
        found[text[starts[position] : ends[position]], number, level] = None
    return found


def _add_closer(pairs: set[tuple[int, Level]], matches: Sequence[MatchPosition]) -> None:
    """Add words with levels that they were found at, until each of them has its closest."""
    words = {word for word, _ in pairs}
    for begin in range(0, len(matches), MANY):
        if all((word, Level.EXACT) in pairs for word in words):
            break
        pairs.update(map(_pair, matches[begin : begin + MANY]))


def _closest(pairs: Iterable[tuple[_Key, Level]]) -> dict[_Key, Level]:
    """Return the closest level that each key is paired with, the keys in the order of their first."""
    closest: dict[_Key, Level] = {}
    for key, level in pairs:
        known = closest.get(key)
        if known is None or CLOSENESS[level] < CLOSENESS[known]:
            closest[key] = level
    return closest


def _likeliest(terms: Sequence[FieldTerm], theirs: Container[tuple[TokenField, str]]) -> str | None:
    return max(terms, key=lambda term: ((term.field, term.text) in theirs, term.weight)).text if terms else None
