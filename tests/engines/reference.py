"""The reference engine: the seam implemented in the slowest and most obvious way, the oracle of every other engine.

Documents are dictionaries of positions; each node asks each document. The score is the formula of search/ranking.py
written out once more in plain numbers.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from index.analysis.tokens import Word
from index.document import AnalyzedDocument, StoredDocument, TokenOffsets
from index.errors import IndexLockedError
from index.schema import CLOSENESS, FacetField, Level, Section, TokenField
from search.engine import (
    Capabilities,
    EngineHit,
    EngineRequest,
    EngineResult,
    Explanation,
    FacetCounts,
    FacetRequest,
    FormCount,
    FormCounts,
    Histogram,
    IndexInfo,
    MatchPosition,
    ScorePart,
    ValueCount,
)
from search.errors import UnknownFieldError
from search.histogram import histogram
from search.query import (
    And,
    AtLeast,
    DateRange,
    HasValue,
    MatchAll,
    MatchNone,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Term,
)
from search.ranking import K1, LEVEL_WEIGHTS, RARITY_LEVEL, SCORE_DIGITS, SECTION_WEIGHTS, B
from search.request import Sort


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """One document with the content words of its sections counted."""

    analyzed: AnalyzedDocument
    lengths: dict[Section, int]

    @property
    def id(self) -> str:
        return self.analyzed.document.id


class ReferenceEngine:
    """An index in memory."""

    def __init__(self, zone: dt.tzinfo) -> None:
        self._zone = zone
        self._entries: dict[str, Entry] = {}
        self._generation = 0
        self._writing = False

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(writes=True, persistent=False)

    @contextmanager
    def writer(self) -> Iterator[ReferenceWriter]:
        if self._writing:
            raise IndexLockedError("the reference index is being written already")
        self._writing = True
        try:
            yield ReferenceWriter(self)
        finally:
            self._writing = False

    @contextmanager
    def searcher(self) -> Iterator[ReferenceSearcher]:
        yield ReferenceSearcher(dict(self._entries), self._zone, self._generation)

    def close(self) -> None:
        self._entries.clear()

    def swap(self, entries: dict[str, Entry]) -> None:
        self._entries = entries
        self._generation += 1

    def copy(self) -> dict[str, Entry]:
        return dict(self._entries)


class ReferenceWriter:
    """Works on a copy; a commit swaps it in."""

    def __init__(self, engine: ReferenceEngine) -> None:
        self._engine = engine
        self._entries = engine.copy()

    def add(self, documents: Iterable[AnalyzedDocument]) -> None:
        for document in documents:
            self._entries[document.document.id] = _entry(document)

    def delete(self, ids: Iterable[str]) -> int:
        return sum(1 for document_id in ids if self._entries.pop(document_id, None) is not None)

    def commit(self) -> None:
        self._engine.swap(dict(self._entries))

    def rollback(self) -> None:
        self._entries = self._engine.copy()


class ReferenceSearcher:
    """Asks every document."""

    def __init__(self, entries: dict[str, Entry], zone: dt.tzinfo, generation: int) -> None:
        self._entries = entries
        self._zone = zone
        self._generation = generation

    def search(self, request: EngineRequest) -> EngineResult:
        _check(request)
        found = {entry.id for entry in self._all() if self._holds(request.query, entry)}
        listed = {entry.id for entry in self._all() if request.further and self._holds(request.further, entry)}
        kept = {entry.id for entry in self._all() if self._passes(request, entry, ignoring=None)}
        matches, further = found & kept, (listed - found) & kept
        ranked = [(document_id, True) for document_id in self._ranked(matches, request.query, request.sort)]
        if request.further:
            ranked += [(document_id, False) for document_id in self._ranked(further, request.further, request.sort)]
        page = ranked[request.offset : request.offset + request.limit]
        return EngineResult(
            total=len(matches),
            further=len(further),
            exact=True,
            hits=tuple(self._hit(request, document_id, complete=complete) for document_id, complete in page),
            facets=tuple(self._facet(facet, found, request) for facet in request.facets),
            histogram=self._histogram(found, request) if request.histogram else None,
            forms=self._form_counts(found, request) if request.form_limit is not None else None,
        )

    def get(self, document_id: str) -> StoredDocument | None:
        entry = self._entries.get(document_id)
        if entry is None:
            return None
        offsets = {section: TokenOffsets(text.starts, text.ends) for section, text in entry.analyzed.sections.items()}
        return StoredDocument(entry.analyzed.document, offsets)

    def get_many(self, ids: Sequence[str]) -> list[StoredDocument | None]:
        return [self.get(document_id) for document_id in ids]

    def explain(self, query: Node, document_id: str) -> Explanation | None:
        entry = self._entries.get(document_id)
        if entry is None or not self._holds(query, entry):
            return None
        return Explanation(self._score(query, entry), tuple(self._parts(query, entry)))

    def _parts(self, node: Node, entry: Entry) -> Iterator[ScorePart]:
        if not self._holds(node, entry):
            return
        score = self._score(node, entry)
        match node:
            case Term() | Prefix():
                yield from self._word_parts(node, entry, score)
            case AtLeast():
                yield from self._word_parts(node.term, entry, score)
            case Phrase() | Near():
                places = {section: len(_starts(entry, section, node)) for section in _common(node)}
                whole = sum(times * self._norm(section, entry) for section, times in places.items())
                text = " ".join(term.text for term in node.terms)
                for section, times in places.items():
                    if times:
                        levels = [it.level for it in _occurrences(node, entry) if it.section is section]
                        value = score * times * self._norm(section, entry) / whole
                        widest = max(levels, key=list(Level).index)
                        yield ScorePart(node.terms[0].word, text, section, widest, times, value)
            case And() | Or():
                for child in node.children:
                    yield from self._parts(child, entry)

    def _word_parts(self, node: Term | Prefix, entry: Entry, score: float) -> Iterator[ScorePart]:
        whole = self._frequency(node, entry)
        for section in node.sections:
            counts = Counter(word.written for word in _words(entry, section, node) if _form(node, word)[1] is not None)
            forms = {word.written: _form(node, word) for word in _words(entry, section, node)}
            for form, times in counts.items():
                weight, closeness = forms[form]
                value = score * times * weight * self._norm(section, entry) / whole
                yield ScorePart(node.word, form, section, list(Level)[closeness or 0], times, value)

    def info(self) -> IndexInfo:
        return IndexInfo(f"reference-{self._generation}", "reference", len(self._entries))

    def _all(self) -> Iterable[Entry]:
        return self._entries.values()

    def _holds(self, node: Node, entry: Entry) -> bool:  # noqa: C901, PLR0911 - one return a kind of node
        match node:
            case Term() | Prefix():
                return any(_places(entry, section, node) for section in node.sections)
            case AtLeast():
                return sum(len(_places(entry, section, node.term)) for section in Section) >= node.count
            case Phrase() | Near():
                return any(_starts(entry, section, node) for section in Section)
            case And():
                return all(self._holds(child, entry) for child in node.children)
            case Or():
                return sum(self._holds(child, entry) for child in node.children) >= node.minimum
            case Not():
                return not self._holds(node.child, entry)
            case HasValue():
                return bool(set(entry.analyzed.document.facet_values()[node.field]) & set(node.values))
            case DateRange():
                return _published(node, entry.analyzed.day)
            case MatchAll():
                return True
            case MatchNone():
                return False

    def _score(self, node: Node, entry: Entry) -> float:
        if not self._holds(node, entry):
            return 0.0
        match node:
            case Term() | Prefix():
                return self._rarity(node) * _saturation(self._frequency(node, entry))
            case AtLeast():
                return self._score(node.term, entry)
            case Phrase() | Near():
                starts = ((section, len(_starts(entry, section, node))) for section in _common(node))
                frequency = sum(times * self._norm(section, entry) for section, times in starts)
                return sum(self._rarity(term) for term in node.terms) * _saturation(frequency)
            case And() | Or():
                return sum(self._score(child, entry) for child in node.children)
            case _:
                return 0.0

    def _frequency(self, node: Term | Prefix, entry: Entry) -> float:
        total = 0.0
        for section in node.sections:
            total += sum(_form(node, word)[0] for word in _words(entry, section, node)) * self._norm(section, entry)
        return total

    def _norm(self, section: Section, entry: Entry) -> float:
        lengths = [other.lengths[section] for other in self._all() if other.lengths[section]]
        average = sum(lengths) / max(len(lengths), 1)
        return SECTION_WEIGHTS[section] / (1 - B + B * entry.lengths[section] / max(average, 1.0))

    def _rarity(self, node: Term | Prefix) -> float:
        """Return the idf by the documents that have the word as a form of its lemma, or else at all."""
        closest = [self._closest(node, entry) for entry in self._all()]
        near = sum(1 for level in closest if level is not None and level <= CLOSENESS[RARITY_LEVEL])
        holders = near or sum(1 for level in closest if level is not None)
        return math.log(1 + (len(self._entries) - holders + 0.5) / (holders + 0.5))

    def _closest(self, node: Term | Prefix, entry: Entry) -> int | None:
        words = [word for section in node.sections for word in _words(entry, section, node)]
        return min((level for word in words if (level := _form(node, word)[1]) is not None), default=None)

    def _ranked(self, ids: set[str], node: Node, sort: Sort) -> list[str]:
        if sort is Sort.RELEVANCE:
            scores = {known: round(self._score(node, self._entries[known]), SCORE_DIGITS) for known in ids}
            return sorted(ids, key=lambda document_id: (-scores[document_id], document_id))
        sign = -1 if sort is Sort.NEWEST else 1

        def key(document_id: str) -> tuple[bool, float, str]:
            moment = self._entries[document_id].analyzed.document.published_moment(self._zone)
            return moment is None, sign * int(moment.timestamp()) if moment else 0, document_id

        return sorted(ids, key=key)

    def _hit(self, request: EngineRequest, document_id: str, *, complete: bool) -> EngineHit:
        entry = self._entries[document_id]
        node = request.query if complete else request.further
        assert node is not None
        found = sorted(
            _occurrences(request.query, entry),
            key=lambda place: (list(Section).index(place.section), place.position, CLOSENESS[place.level], place.word),
        )
        firsts = [
            next(group) for _, group in itertools.groupby(found, key=lambda place: (place.section, place.position))
        ]
        return EngineHit(document_id, self._score(node, entry), complete, tuple(firsts))

    def _passes(self, request: EngineRequest, entry: Entry, *, ignoring: str | None) -> bool:
        if any(self._holds(node, entry) for node in request.excluded):
            return False
        if request.dates and ignoring != "dates" and not self._holds(request.dates, entry):
            return False
        if request.forms and ignoring != "forms" and not _found_forms(request.query, entry).keys() & {*request.forms}:
            return False
        return all(self._holds(node, entry) for node in request.selected if node.field != ignoring)

    def _facet(self, facet: FacetRequest, found: set[str], request: EngineRequest) -> FacetCounts:
        counts: Counter[str] = Counter()
        for document_id in found:
            if self._passes(request, self._entries[document_id], ignoring=facet.field):
                counts.update(self._entries[document_id].analyzed.document.facet_values()[facet.field])
        ranked = sorted(counts, key=lambda value: (-counts[value], value))
        selected = {value for node in request.selected if node.field == facet.field for value in node.values}
        shown = set(ranked[: facet.limit]) | selected
        values = sorted((ValueCount(value, counts[value]) for value in shown), key=lambda it: (-it.count, it.value))
        return FacetCounts(facet.field, tuple(values), len(set(ranked) - shown))

    def _form_counts(self, found: set[str], request: EngineRequest) -> FormCounts:
        """Count each form in each document that has it, whatever the number of its spellings there."""
        counts: Counter[str] = Counter()
        spellings: dict[str, Counter[str]] = {}
        levels: dict[str, int] = {}
        for document_id in found:
            entry = self._entries[document_id]
            if not self._passes(request, entry, ignoring="forms"):
                continue
            for form, words in _found_forms(request.query, entry).items():
                counts[form] += 1
                spellings.setdefault(form, Counter()).update(words.keys())
                levels[form] = min(levels.get(form, len(Level)), *words.values())
        ranked = sorted(counts, key=lambda form: (-counts[form], form))
        listed = ranked[: request.form_limit]
        return FormCounts(
            tuple(
                FormCount(
                    form,
                    min(spellings[form], key=lambda written: (-spellings[form][written], written)),
                    list(Level)[levels[form]],
                    counts[form],
                )
                for form in listed
            ),
            len(ranked) - len(listed),
        )

    def _histogram(self, found: set[str], request: EngineRequest) -> Histogram:
        days: Counter[dt.date] = Counter()
        unknown = 0
        for document_id in found:
            entry = self._entries[document_id]
            if not self._passes(request, entry, ignoring="dates"):
                continue
            if entry.analyzed.day is None:
                unknown += 1
            else:
                days[entry.analyzed.day] += 1
        ordinals = sorted(day.toordinal() for day in days)
        counts = [days[dt.date.fromordinal(ordinal)] for ordinal in ordinals]
        return histogram(np.array(ordinals, np.int64), np.array(counts, np.int64), unknown, request.dates)


def _entry(analyzed: AnalyzedDocument) -> Entry:
    lengths = {section: sum(1 for word in text.words if word.terms) for section, text in analyzed.sections.items()}
    return Entry(analyzed, lengths)


def _form(node: Term | Prefix, word: Word) -> tuple[float, int | None]:
    """Return what an occurrence of a word counts, and how close it is; None where it is no form of the node's word."""
    if word.surface in node.without:
        return 0.0, None
    terms = {(term.field, term.text): term.weight for term in word.terms}
    if isinstance(node, Prefix):
        found = any(field is TokenField.SURFACE and text.startswith(node.text) for field, text in terms)
        return (LEVEL_WEIGHTS[Level.EXACT], CLOSENESS[Level.EXACT]) if found else (0.0, None)
    matched = [it for it in node.alternatives if (it.field, it.term) in terms]
    if not matched:
        return 0.0, None
    weight = max(it.weight * terms[it.field, it.term] for it in matched)
    return weight, min(CLOSENESS[it.level] for it in matched)


def _found_forms(node: Node, entry: Entry) -> dict[str, dict[str, int]]:
    """Return for each form of the node's words that the document has the closeness of each of its spellings."""
    found: dict[str, dict[str, int]] = {}
    for leaf in _leaves(node):
        for section in leaf.sections:
            for word in _words(entry, section, leaf):
                closeness = _form(leaf, word)[1]
                if closeness is not None:
                    spellings = found.setdefault(word.surface, {})
                    spellings[word.written] = min(closeness, spellings.get(word.written, closeness))
    return found


def _leaves(node: Node) -> Iterator[Term | Prefix]:
    match node:
        case Term() | Prefix():
            yield node
        case AtLeast():
            yield node.term
        case Phrase() | Near():
            yield from node.terms
        case And() | Or():
            for child in node.children:
                yield from _leaves(child)


def _places(entry: Entry, section: Section, node: Term | Prefix) -> set[int]:
    if section not in node.sections:
        return set()
    return {position for position, word in enumerate(_words(entry, section, node)) if _form(node, word)[1] is not None}


def _words(entry: Entry, section: Section, node: Term | Prefix) -> tuple[Word, ...]:
    """Return the words of a section that the node may find."""
    words = entry.analyzed.sections[section].words
    return words if section is Section.TITLE else words[: node.within]


def _common(node: Phrase | Near) -> list[Section]:
    return [section for section in Section if all(section in term.sections for term in node.terms)]


def _starts(entry: Entry, section: Section, node: Phrase | Near) -> set[int]:
    """Return the positions at which the phrase, or a window with all its words, begins."""
    if section not in _common(node):
        return set()
    places = [_places(entry, section, term) for term in node.terms]
    if isinstance(node, Phrase):
        return set.intersection(
            *({position - offset for position in found} for found, offset in zip(places, node.offsets, strict=True))
        )
    reach = len(node.terms) + node.slop
    return {start for start in set.union(*places) if _window_holds(places, start, reach, ordered=node.ordered)}


def _window_holds(places: list[set[int]], start: int, reach: int, *, ordered: bool) -> bool:
    if not ordered:
        return all(any(start <= position < start + reach for position in found) for found in places)
    if start not in places[0]:
        return False
    last = start
    for found in places[1:]:
        following = [position for position in found if last < position < start + reach]
        if not following:
            return False
        last = min(following)
    return True


def _saturation(frequency: float) -> float:
    return frequency * (K1 + 1) / (frequency + K1)


def _occurrences(node: Node, entry: Entry) -> Iterator[MatchPosition]:
    match node:
        case Term() | Prefix():
            for section in node.sections:
                yield from _word_occurrences(node, section, entry)
        case AtLeast():
            yield from _occurrences(node.term, entry)
        case Phrase():
            yield from _phrase_occurrences(node, entry)
        case Near():
            yield from _near_occurrences(node, entry)
        case And() | Or():
            for child in node.children:
                yield from _occurrences(child, entry)
        case _:
            return


def _phrase_occurrences(node: Phrase, entry: Entry) -> Iterator[MatchPosition]:
    for section in _common(node):
        starts = _starts(entry, section, node)
        for term, offset in zip(node.terms, node.offsets, strict=True):
            for place in _word_occurrences(term, section, entry):
                if place.position - offset in starts:
                    yield place


def _near_occurrences(node: Near, entry: Entry) -> Iterator[MatchPosition]:
    reach = len(node.terms) + node.slop
    for section in _common(node):
        starts = _starts(entry, section, node)
        for term in node.terms:
            for place in _word_occurrences(term, section, entry):
                if any(start <= place.position < start + reach for start in starts):
                    yield place


def _word_occurrences(node: Term | Prefix, section: Section, entry: Entry) -> Iterator[MatchPosition]:
    levels = list(Level)
    for position, word in enumerate(_words(entry, section, node)):
        closeness = _form(node, word)[1]
        if closeness is not None:
            yield MatchPosition(section, position, node.word, levels[closeness])


def _published(node: DateRange, day: dt.date | None) -> bool:
    if day is None:
        return node.unknown
    if node.first is None and node.last is None:
        return False
    return (node.first is None or day >= node.first) and (node.last is None or day <= node.last)


def _check(request: EngineRequest) -> None:
    for field in (*(node.field for node in (*request.selected, *request.excluded)), *(f.field for f in request.facets)):
        if field not in list(FacetField):
            raise UnknownFieldError(f'unknown field "{field}"')
