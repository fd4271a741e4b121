"""Builds the hits of a result page from an engine's hits: passages, and how the article matches."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Sequence
from operator import itemgetter
from typing import TypeVar

from index.analysis.analyzer import Analyzer
from index.analysis.tokens import FieldTerm, Word
from index.document import StoredDocument
from index.schema import CLOSENESS, Level, Section, TokenField
from search.engine import EngineHit, MatchPosition
from search.query import Node, Or, Prefix, Term
from search.results import FoundForm, Hit, Match
from search.snippet import passages, untouched
from search.windows import MANY, representatives
from search.wordforms import searched_words

MAX_TITLE = 1000
"""Code points of a title that a hit shows; the article has all of it. No newspaper has headlines half as long."""
MAX_FORMS = 12
"""Maximum number of word forms in `Match.forms`."""

_DERIVED = frozenset({Level.LEMMA, Level.FAMILY, Level.ROOT})
"""Levels for which a form has the lemma and root that it shares with the word of the query."""

_Key = TypeVar("_Key")
_pair = itemgetter(MatchPosition._fields.index("word"), MatchPosition._fields.index("level"))


class _Part:
    """A part of a query that may be missing in a document."""

    def __init__(self, node: Node) -> None:
        self.text = _as_typed(node)
        """As typed."""
        self.words = tuple(searched_words(node))
        self.numbers = frozenset(word.word for word in self.words)
        """Numbers of its words."""
        self.prefixes = [word.text for word in self.words if isinstance(word, Prefix)]


class HitBuilder:
    """Builds the hits of one search; caches what several hits share."""

    def __init__(
        self,
        words: Sequence[Word],
        analyzer: Analyzer,
        optional: Sequence[Node] = (),
        *,
        passages: bool = True,
        matched: bool = True,
    ) -> None:
        """Build hits of a search for `words`; the word numbers of matches are their indices.

        Any of the `optional` nodes may be missing in a document. Without `passages` hits have no snippets and no marks,
        without `matched` no details of their match.
        """
        self._words = words
        self._analyzer = analyzer
        self._passages = passages
        self._matched = matched
        self._optional = [_Part(node) for node in optional]
        self._prefixed = [(number, prefix) for number, part in enumerate(self._optional) for prefix in part.prefixes]
        self._parts_of_term: dict[tuple[TokenField, str], set[int]] = {}
        """Numbers of the optional parts that each term finds."""
        for number, part in enumerate(self._optional):
            for word in part.words:
                for alternative in word.alternatives if isinstance(word, Term) else ():
                    self._parts_of_term.setdefault((alternative.field, alternative.term), set()).add(number)
        self._parts_of_form: dict[str, frozenset[int]] = {}
        self._origins: dict[int, tuple[list[FieldTerm], list[FieldTerm]]] = {}
        """Lemmas and roots of each word of the query."""
        self._terms_of_form: dict[str, frozenset[tuple[TokenField, str]]] = {}
        self._compounds: dict[str, int] = {}
        """Tokens that are one compound, by text."""
        self._found_forms: dict[tuple[str, Level, int], FoundForm] = {}

    def whole(self, hit: EngineHit, stored: StoredDocument) -> EngineHit:
        """Return the hit, in which all tokens of a compound in several words are one match."""
        if not any(self._words[match.word].compound for match in hit.matches):
            return hit
        texts = {Section.TITLE: stored.document.title, Section.BODY: stored.document.text}
        matches: list[MatchPosition] = []
        section, covered = Section.TITLE, 0
        for match in hit.matches:
            if match.section is section and match.position < covered:
                continue
            parts = 1
            if self._words[match.word].compound:
                offsets = stored.offsets[match.section]
                last = match.position + self._words[match.word].compound.count(" ")
                if last < len(offsets.starts):
                    written = texts[match.section][offsets.starts[match.position] : offsets.ends[last]]
                    parts = self._compound_parts(written, last - match.position + 1)
            section, covered = match.section, match.position + parts
            matches.append(match._replace(parts=parts) if parts > 1 else match)
        return hit._replace(matches=tuple(matches))

    def _compound_parts(self, text: str, most: int) -> int:
        """Return how many tokens of a text are one compound in several words, if they are `most`, else 1."""
        parts = self._compounds.get(text)
        if parts is None:
            word = self._analyzer.analyze(text).words[0]
            split = word.is_split and word.compound.count(" ") + 1 == most
            parts = self._compounds[text] = most if split else 1
        return parts

    def hit(self, hit: EngineHit, stored: StoredDocument) -> Hit:
        """Return the hit with its passages and the details of its match; `hit` is one that `whole` returned."""
        parts = passages(stored, hit.matches) if self._passages else untouched(stored.document)
        title, marks = parts.title, parts.title_marks
        if len(title) > MAX_TITLE:
            title = title[: MAX_TITLE - 1] + "…"
            marks = tuple(mark for mark in marks if mark.end < MAX_TITLE)
        return Hit(
            document=stored.document,
            title=title,
            title_inferred=parts.title_inferred,
            title_marks=marks,
            score=hit.score,
            match=self._match(hit, stored) if self._matched else Match(None, hit.tier, ()),
            snippets=parts.snippets,
            explanation=hit.explanation,
        )

    def _match(self, hit: EngineHit, stored: StoredDocument) -> Match:
        if not hit.matches:
            return Match(None, hit.tier, ())
        selected = representatives(hit.matches)
        found = _forms(stored, selected)
        pairs = {(number, level) for _, number, level in found}
        if selected is not hit.matches:
            _add_closer_levels(pairs, hit.matches)
        closest = _closest(pairs)
        widest = max(closest, key=lambda number: (CLOSENESS[closest[number]], -number))
        forms: dict[str, tuple[Level, int]] = {}
        for form, number, level in found:
            if form not in forms or CLOSENESS[level] < CLOSENESS[forms[form][0]]:
                forms[form] = (level, number)
        ranked = sorted(forms, key=lambda form: CLOSENESS[forms[form][0]])[:MAX_FORMS]
        lemma, root = self._origin(widest, [form for form, number, _ in found if number == widest])
        return Match(
            level=closest[widest],
            tier=hit.tier,
            lemma=lemma,
            root=root,
            forms=tuple([self._found_form(form, *forms[form]) for form in ranked]),
            missing=self._missing(hit, stored) if self._optional else (),
        )

    def _missing(self, hit: EngineHit, stored: StoredDocument) -> tuple[str, ...]:
        """Return what the query asks for and no token of the article matches."""
        found = {match.word for match in hit.matches}
        missing = {number for number, part in enumerate(self._optional) if found.isdisjoint(part.numbers)}
        if missing:  # a token is the match of one word, and may match others too
            for form in {form for form, _, _ in _forms(stored, hit.matches)}:
                missing -= self._parts(form)
        return tuple([self._optional[number].text for number in sorted(missing)])

    def _parts(self, form: str) -> frozenset[int]:
        """Return the numbers of the optional parts of the query that a form matches."""
        parts = self._parts_of_form.get(form)
        if parts is None:
            found: set[int] = set()
            for word in self._analyzer.analyze(form).words:
                for term in word.terms:
                    found |= self._parts_of_term.get((term.field, term.text), frozenset())
            folded = self._analyzer.fold(form) if self._prefixed else ""
            found.update(number for number, prefix in self._prefixed if folded.startswith(prefix))
            parts = self._parts_of_form[form] = frozenset(found)
        return parts

    def _found_form(self, form: str, level: Level, number: int) -> FoundForm:
        key = (form, level, number)
        found = self._found_forms.get(key)
        if found is None:
            lemma, root = self._origin(number, [form]) if level in _DERIVED else (None, None)
            folded = level is Level.EXACT and self._is_folded(form, number)
            found = self._found_forms[key] = FoundForm(form, level, lemma, root, folded)
        return found

    def _is_folded(self, form: str, number: int) -> bool:
        """Return whether a form has other letters than a word of the query as typed."""
        typed = self._words[number].written
        return form != typed and any(word.written != typed for word in self._analyzer.analyze(form).words[:1])

    def _origin(self, number: int, forms: Iterable[str]) -> tuple[str | None, str | None]:
        """Return the likeliest lemma and root of a word of the query, preferring those that one of `forms` has too."""
        lemmas, roots = self._lemmas_and_roots(number)
        if len(lemmas) <= 1 and len(roots) <= 1:  # unambiguous: the forms need no analysis
            return (lemmas[0].text if lemmas else None), (roots[0].text if roots else None)
        form_terms = set().union(*map(self._terms, forms))
        return _likeliest(lemmas, form_terms), _likeliest(roots, form_terms)

    def _lemmas_and_roots(self, number: int) -> tuple[list[FieldTerm], list[FieldTerm]]:
        """Return the lemmas and the roots of a word of the query."""
        origins = self._origins.get(number)
        if origins is None:
            terms = self._words[number].terms
            origins = self._origins[number] = (
                [term for term in terms if term.field is TokenField.LEMMA],
                [term for term in terms if term.field is TokenField.ROOT],
            )
        return origins

    def _terms(self, form: str) -> frozenset[tuple[TokenField, str]]:
        """Return the terms of a form of an article."""
        terms = self._terms_of_form.get(form)
        if terms is None:
            words = self._analyzer.analyze(form).words
            terms = frozenset((term.field, term.text) for word in words for term in word.terms)
            self._terms_of_form[form] = terms
        return terms


def _as_typed(node: Node) -> str:
    """Return the words of a node in a query as they were typed."""
    words = [f"{word.text}*" if isinstance(word, Prefix) else word.text for word in searched_words(node)]
    return (" أو " if isinstance(node, Or) else " ").join(dict.fromkeys(words))


def _forms(stored: StoredDocument, matches: Iterable[MatchPosition]) -> Collection[tuple[str, int, Level]]:
    """Return the distinct forms of `matches`, each with word number and level, in the order of the article."""
    found: dict[tuple[str, int, Level], None] = {}
    texts = {Section.TITLE: stored.document.title, Section.BODY: stored.document.text}
    current = None
    for section, position, number, level, parts in matches:
        if section is not current:
            current, text, starts, ends = (
                section,
                texts[section],
                stored.offsets[section].starts,
                stored.offsets[section].ends,
            )
        found[text[starts[position] : ends[position + parts - 1]], number, level] = None
    return found


def _add_closer_levels(pairs: set[tuple[int, Level]], matches: Sequence[MatchPosition]) -> None:
    """Add pairs of word and level from `matches`, until every word has its closest level."""
    words = {word for word, _ in pairs}
    for begin in range(0, len(matches), MANY):
        if all((word, Level.EXACT) in pairs for word in words):
            break
        pairs.update(map(_pair, matches[begin : begin + MANY]))


def _closest(pairs: Iterable[tuple[_Key, Level]]) -> dict[_Key, Level]:
    """Return the closest level that each key is paired with, in the order in which the keys first occur."""
    closest: dict[_Key, Level] = {}
    for key, level in pairs:
        previous = closest.get(key)
        if previous is None or CLOSENESS[level] < CLOSENESS[previous]:
            closest[key] = level
    return closest


def _likeliest(terms: Sequence[FieldTerm], preferred: Container[tuple[TokenField, str]]) -> str | None:
    """Return the text of the term with the highest weight, among the preferred ones if there are any."""
    return max(terms, key=lambda term: ((term.field, term.text) in preferred, term.weight)).text if terms else None
