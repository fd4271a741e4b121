"""The reference engine: the simplest implementation of the seam, the test oracle of every other engine.

Every node is evaluated for every document. The score is the formula of search/ranking.py, implemented a second time
with plain numbers.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import assert_never

import numpy as np

from index.analysis.tokens import Word
from index.document import AnalyzedDocument, StoredDocument, TokenOffsets
from index.schema import BM25_B, BM25_K1, CLOSENESS, LADDER, Level, Section, TokenField
from search.engine import (
    Condition,
    EngineHit,
    EngineRequest,
    EngineResult,
    Explanation,
    FacetCounts,
    FacetRequest,
    Feature,
    FormCount,
    FormCounts,
    Histogram,
    IndexInfo,
    Listing,
    MatchPosition,
    ScorePart,
)
from search.facet_counts import facet_counts, form_counts
from search.histogram import histogram
from search.levels import Tier, counted, tiers, widest_level
from search.query import (
    And,
    AtLeast,
    DateRange,
    FacetFilter,
    MatchAll,
    MatchNone,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Term,
    Unscored,
)
from search.ranking import (
    HALF_LIFE,
    IDF_LEVEL,
    READ_TOKENS,
    RECENCY,
    SCORE_DIGITS,
    SECTION_WEIGHTS,
    STOP_WORD_IDF,
    Floats,
    Grade,
    grades,
    last_day,
)
from search.request import Sort
from search.reranking import SECTIONS, Occurrences, Parts, ranked_words, rerank
from search.wordforms import content_words, is_stop_word


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """One document, with the number of content words in each section."""

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

    @contextmanager
    def writer(self) -> Iterator[ReferenceWriter]:
        yield ReferenceWriter(self)

    @contextmanager
    def searcher(self) -> Iterator[ReferenceSearcher]:
        yield ReferenceSearcher(dict(self._entries), self._zone, self._generation)

    def condition(self) -> Condition:
        return Condition(0, None)

    def close(self) -> None:
        self._entries.clear()

    def swap(self, entries: dict[str, Entry]) -> None:
        self._entries = entries
        self._generation += 1

    def copy(self) -> dict[str, Entry]:
        return dict(self._entries)


class ReferenceWriter:
    """Changes a copy of the index; a commit replaces the index by it."""

    def __init__(self, engine: ReferenceEngine) -> None:
        self._engine = engine
        self._entries = engine.copy()

    def add(self, documents: Iterable[AnalyzedDocument]) -> None:
        for document in documents:
            self._entries[document.document.id] = _entry(document)

    def delete(self, ids: Iterable[str]) -> int:
        return sum(1 for document_id in ids if self._entries.pop(document_id, None) is not None)

    def commit(self) -> tuple[()]:
        self._engine.swap(dict(self._entries))
        return ()

    def rollback(self) -> None:
        self._entries = self._engine.copy()


class ReferenceSearcher:
    """Evaluates requests document by document."""

    def __init__(self, entries: dict[str, Entry], zone: dt.tzinfo, generation: int) -> None:
        self._entries = entries
        self._zone = zone
        self._generation = generation

    def postings(self, words: Sequence[Term | Prefix]) -> int:
        return len(words) * len(self._entries)

    def search(self, request: EngineRequest) -> EngineResult:
        request.check()
        listing, counts = request.listing, request.counts
        kept = {entry.id for entry in self._all_entries() if self._passes(listing, entry, ignoring=None)}
        by_level = [self._all_matches(counted(listing.query, level)) for level in LADDER]
        found = by_level[LADDER.index(listing.match)]
        by_tier = self._tiers(listing, by_level, kept)
        further = [document_id for tier, ids in by_tier.items() if tier is not Tier.MATCH for document_id in ids]
        ranked = self._listed(listing, by_tier, by_level[0] & kept)
        page = ranked[request.offset : request.offset + request.limit]
        tier_of = {document_id: tier for tier, ids in by_tier.items() for document_id in ids}
        return EngineResult(
            total=len(by_tier[Tier.MATCH]),
            levels=tuple(len(matches & kept) for matches in by_level),
            further=len(further),
            partial=len(by_tier[Tier.PARTIAL]),
            exact=True,
            hits=tuple(self._hit(request, *row, tier_of[row[0]]) for row in page),
            facets=tuple(self._facet(facet, found, listing) for facet in counts.facets),
            histogram=self._histogram(found, listing) if counts.histogram else None,
            forms=None if counts.form_limit is None else self._form_counts(found, listing, counts.form_limit),
        )

    def _all_matches(self, node: Node) -> set[str]:
        return {entry.id for entry in self._all_entries() if self._matches(node, entry)}

    def _tiers(self, listing: Listing, by_level: Sequence[set[str]], kept: set[str]) -> dict[Tier, set[str]]:
        """Return the documents of each tier that pass the filters."""
        by_tier: dict[Tier, set[str]] = {}
        taken: set[str] = set()
        own = LADDER.index(listing.match)
        partial = self._all_matches(counted(listing.partial, LADDER[-1])) if listing.partial else set()
        for tier, ids in zip(tiers(listing.match), [*by_level[own:], partial], strict=True):
            by_tier[tier] = ids & kept - taken
            taken |= ids & kept
        return by_tier

    def _listed(self, listing: Listing, by_tier: dict[Tier, set[str]], exact: set[str]) -> list[tuple[str, float]]:
        """Return the listed documents in their order: the parts of the list follow each other."""
        if not listing.lists_tiers:
            parts = [by_tier[Tier.MATCH]]
        elif listing.tiered:
            parts = list(by_tier.values())
        else:
            parts = [set().union(*by_tier.values())]
        if listing.typed is not None and listing.sort is Sort.RELEVANCE:
            typed = parts[0] & self._all_matches(listing.typed)
            if typed and 2 * len(typed) <= len(exact):
                parts = [typed, parts[0] - typed, *parts[1:]]
        ranked: list[tuple[str, float]] = []
        for part in parts:
            ranked += self._ranked(part, listing, max(listing.reranked - len(ranked), 0))
        return ranked

    def stems_like(self, word: str) -> Sequence[str]:
        del word  # all are measured
        return [
            term.text
            for entry in self._all_entries()
            for text in entry.analyzed.sections.values()
            for word_of_text in text.words
            for term in word_of_text.terms
            if term.field is TokenField.CLITIC
        ]

    def get_many(self, ids: Sequence[str]) -> list[StoredDocument | None]:
        return [self._stored(document_id) for document_id in ids]

    def _stored(self, document_id: str) -> StoredDocument | None:
        entry = self._entries.get(document_id)
        if entry is None:
            return None
        offsets = {section: TokenOffsets(text.starts, text.ends) for section, text in entry.analyzed.sections.items()}
        return StoredDocument(entry.analyzed.document, offsets)

    def _explanation(self, listing: Listing, entry: Entry, score: float) -> Explanation:
        node = listing.listed
        parts = list(self._parts(node, entry))
        if listing.sort is Sort.RELEVANCE:
            gained = self._gain(listing, entry)
            if score > (1 + gained) * self._score(node, entry) + 1e-12:
                added = self._second_stage(node, entry)._asdict().items()
                parts += [ScorePart(Feature(name), float(value[0])) for name, value in added if value[0]]
            if gained and parts:
                parts.append(ScorePart(Feature.RECENCY, gained * sum(part.value for part in parts)))
        return Explanation(score, tuple(parts))

    def _second_stage(self, node: Node, entry: Entry) -> Parts:
        """Return what the second stage adds to the score of one document."""
        words = ranked_words(node)
        rows = [
            (number, position, [_grades(word, section, position, found) for word in words])
            for number, section in enumerate(SECTIONS)
            for position, found in enumerate(
                entry.analyzed.sections[section].words[: READ_TOKENS if section is Section.BODY else None]
            )
        ]
        kept = [row for row in rows if np.any(row[2])]
        found = Occurrences(
            np.zeros(len(kept), np.int64),
            np.array([number for number, _, _ in kept], np.int64),
            np.array([position for _, position, _ in kept], np.int64),
            np.array([counts for _, _, counts in kept]).reshape(len(kept), len(words), len(Grade)),
        )
        norms = np.array([[self._norm(section, entry) for section in SECTIONS]])
        return rerank(found, norms, np.array([self._idf(word) for word in words]))

    def _gain(self, listing: Listing, entry: Entry) -> float:
        """Return the share of its score that a document gains by its recency."""
        days = [other.analyzed.day for other in self._all_entries() if other.analyzed.day is not None]
        past = [day for day in days if day <= last_day()]
        if not listing.recency or entry.analyzed.day not in past:
            return 0.0
        newest = max(past)
        return RECENCY * math.exp2((entry.analyzed.day - newest).days / HALF_LIFE)

    def _parts(self, node: Node, entry: Entry) -> Iterator[ScorePart]:
        if isinstance(node, Unscored) or not self._matches_at_any(node, entry):
            return
        score = self._score(node, entry)
        match node:
            case Term() | Prefix():
                yield from self._word_parts(node, entry, score)
            case AtLeast():
                yield from self._word_parts(node.term, entry, score)
            case Phrase() | Near():
                counts = {section: len(_starts(entry, section, node)) for section in _common_sections(node)}
                whole = sum(times * self._norm(section, entry) for section, times in counts.items())
                text = " ".join(term.text for term in node.terms)
                for section, times in counts.items():
                    if times:
                        value = score * times * self._norm(section, entry) / whole
                        widest = max(_closest_levels(node, entry, section), key=list(Level).index)
                        yield ScorePart(Feature.FORMS, value, node.terms[0].word, text, section, widest, times)
            case And() | Or():
                for child in node.children:
                    yield from self._parts(child, entry)
            case _:
                assert_never(node)

    def _word_parts(self, node: Term | Prefix, entry: Entry, score: float) -> Iterator[ScorePart]:
        whole = self._frequency(node, entry)
        for section in node.sections:
            counts = Counter(word.written for word in _words(entry, section, node) if _form(node, word)[1] is not None)
            forms = {word.written: _form(node, word) for word in _words(entry, section, node)}
            for form, times in counts.items():
                weight, closeness = forms[form]
                value = score * times * weight * self._norm(section, entry) / whole
                yield ScorePart(Feature.FORMS, value, node.word, form, section, list(Level)[closeness or 0], times)

    def info(self) -> IndexInfo:
        return IndexInfo(f"reference-{self._generation}", "reference", len(self._entries))

    def _all_entries(self) -> Iterable[Entry]:
        return self._entries.values()

    def _matches(self, node: Node, entry: Entry) -> bool:  # noqa: C901, PLR0911 - one case per node type
        match node:
            case Term() | Prefix():
                return any(_positions(entry, section, node) for section in node.sections)
            case AtLeast():
                return sum(len(_positions(entry, section, node.term)) for section in Section) >= node.count
            case Phrase() | Near():
                return any(_starts(entry, section, node) for section in Section)
            case And():
                return all(self._matches(child, entry) for child in node.children)
            case Or():
                return sum(self._matches(child, entry) for child in node.children) >= node.minimum
            case Not():
                return not self._matches(node.child, entry)
            case FacetFilter():
                return bool(set(entry.analyzed.document.facet_values()[node.field]) & set(node.values))
            case DateRange():
                return _published(node, entry.analyzed.day)
            case MatchAll():
                return True
            case MatchNone():
                return False
            case _:
                assert_never(node)

    def _matches_at_any(self, node: Node, entry: Entry) -> bool:
        """Return whether some value of `match` counts a document."""
        return any(self._matches(counted(node, level), entry) for level in LADDER)

    def _score(self, node: Node, entry: Entry) -> float:
        if isinstance(node, Unscored) or not self._matches_at_any(node, entry):
            return 0.0
        match node:
            case Term() | Prefix():
                return self._idf(node) * _saturation(self._frequency(node, entry))
            case AtLeast():
                return self._score(node.term, entry)
            case Phrase() | Near():
                starts = ((section, len(_starts(entry, section, node))) for section in _common_sections(node))
                frequency = sum(times * self._norm(section, entry) for section, times in starts)
                return sum(self._idf(term) for term in node.terms) * _saturation(frequency)
            case And() | Or():
                return sum(self._score(child, entry) for child in node.children)
            case _:
                assert_never(node)

    def _frequency(self, node: Term | Prefix, entry: Entry) -> float:
        total = 0.0
        for section in node.sections:
            total += sum(_form(node, word)[0] for word in _words(entry, section, node)) * self._norm(section, entry)
        return total

    def _norm(self, section: Section, entry: Entry) -> float:
        lengths = [other.lengths[section] for other in self._all_entries() if other.lengths[section]]
        average = sum(lengths) / max(len(lengths), 1)
        return SECTION_WEIGHTS[section] / (1 - BM25_B + BM25_B * entry.lengths[section] / max(average, 1.0))

    def _idf(self, node: Term | Prefix) -> float:
        """Return the idf over the documents that have the word at `IDF_LEVEL` or closer; if none, at any level."""
        if is_stop_word(node):
            return STOP_WORD_IDF
        closest = [self._closest(node, entry) for entry in self._all_entries()]
        near = sum(1 for level in closest if level is not None and level <= CLOSENESS[IDF_LEVEL])
        doc_frequency = near or sum(1 for level in closest if level is not None)
        return math.log(1 + (len(self._entries) - doc_frequency + 0.5) / (doc_frequency + 0.5))

    def _closest(self, node: Term | Prefix, entry: Entry) -> int | None:
        words = [word for section in node.sections for word in _words(entry, section, node)]
        return min((level for word in words if (level := _form(node, word)[1]) is not None), default=None)

    def _ranked(self, ids: set[str], listing: Listing, reranked: int) -> list[tuple[str, float]]:
        node = listing.listed
        if listing.sort is Sort.RELEVANCE:
            gains = {document_id: 1 + self._gain(listing, self._entries[document_id]) for document_id in ids}
            scores = {
                document_id: gains[document_id] * self._score(node, self._entries[document_id]) for document_id in ids
            }
            ranked = _by_score(scores)
            best = [document_id for document_id in ranked[:reranked] if scores[document_id]]
            for document_id in best:
                scores[document_id] += gains[document_id] * float(
                    self._second_stage(node, self._entries[document_id]).score()[0]
                )
            return [
                (document_id, scores[document_id])
                for document_id in (*_by_score({chosen: scores[chosen] for chosen in best}), *ranked[len(best) :])
            ]
        sign = -1 if listing.sort is Sort.NEWEST else 1

        def key(document_id: str) -> tuple[bool, float, str]:
            published = self._entries[document_id].analyzed.document.published_time(self._zone)
            return published is None, sign * int(published.timestamp()) if published else 0, document_id

        return [(document_id, self._score(node, self._entries[document_id])) for document_id in sorted(ids, key=key)]

    def _hit(self, request: EngineRequest, document_id: str, score: float, tier: Tier) -> EngineHit:
        entry, listing = self._entries[document_id], request.listing
        node = counted(listing.listed, widest_level(tier, listing.match))
        found = sorted(
            _occurrences(node, entry),
            key=lambda match: (list(Section).index(match.section), match.position, CLOSENESS[match.level], match.word),
        )
        firsts = [
            next(group) for _, group in itertools.groupby(found, key=lambda match: (match.section, match.position))
        ]
        explanation = self._explanation(listing, entry, score) if request.explained else None
        return EngineHit(document_id, score, tier, tuple(firsts), explanation)

    def _passes(self, listing: Listing, entry: Entry, *, ignoring: str | None) -> bool:
        if any(self._matches(node, entry) for node in listing.excluded):
            return False
        if listing.dates and ignoring != "dates" and not self._matches(listing.dates, entry):
            return False
        if listing.forms and ignoring != "forms":
            found = (_found_forms(word, entry) for word in content_words(listing.query))
            if not any(forms.keys() & {*listing.forms} for forms in found):
                return False
        return all(self._matches(node, entry) for node in listing.selected if node.field != ignoring)

    def _facet(self, facet: FacetRequest, found: set[str], listing: Listing) -> FacetCounts:
        counts: Counter[str] = Counter()
        for document_id in found:
            if self._passes(listing, self._entries[document_id], ignoring=facet.field):
                counts.update(self._entries[document_id].analyzed.document.facet_values()[facet.field])
        return facet_counts(facet, listing, counts, len(counts))

    def _form_counts(self, found: set[str], listing: Listing, limit: int) -> FormCounts:
        """Count each form once in each document that has it, whatever the number of its spellings there."""
        entries = [self._entries[document_id] for document_id in found]
        kept = [entry for entry in entries if self._passes(listing, entry, ignoring="forms")]
        by_word = [_word_forms(word, kept) for word in content_words(counted(listing.query, listing.match))]
        return form_counts(by_word, sum(map(len, by_word)), limit)

    def _histogram(self, found: set[str], listing: Listing) -> Histogram:
        days: Counter[dt.date] = Counter()
        unknown = 0
        for document_id in found:
            entry = self._entries[document_id]
            if not self._passes(listing, entry, ignoring="dates"):
                continue
            if entry.analyzed.day is None:
                unknown += 1
            else:
                days[entry.analyzed.day] += 1
        ordinals = sorted(day.toordinal() for day in days)
        counts = [days[dt.date.fromordinal(ordinal)] for ordinal in ordinals]
        return histogram(np.array(ordinals, np.int64), np.array(counts, np.int64), unknown, listing.dates)


def _word_forms(word: Term | Prefix, entries: Sequence[Entry]) -> list[FormCount]:
    """Return the forms of a word of the query that some documents have, the closest and most frequent ones first."""
    counts: Counter[str] = Counter()
    spellings: dict[str, Counter[str]] = {}
    levels: dict[str, int] = {}
    for entry in entries:
        for form, found in _found_forms(word, entry).items():
            counts[form] += 1
            spellings.setdefault(form, Counter()).update(found.keys())
            levels[form] = min(levels.get(form, len(Level)), *found.values())
    ranked = sorted(counts, key=lambda form: (levels[form], -counts[form], form))
    written = {form: min(spellings[form], key=lambda letters: (-spellings[form][letters], letters)) for form in ranked}
    return [FormCount(word.word, form, written[form], list(Level)[levels[form]], counts[form]) for form in ranked]


def _entry(analyzed: AnalyzedDocument) -> Entry:
    lengths = {section: sum(1 for word in text.words if not word.stop) for section, text in analyzed.sections.items()}
    return Entry(analyzed, lengths)


def _by_score(scores: dict[str, float]) -> list[str]:
    return sorted(scores, key=lambda document_id: (-round(scores[document_id], SCORE_DIGITS), document_id))


def _strengths(node: Term | Prefix, word: Word) -> dict[Level, float]:
    """Return the strength of the match of a word at each level: see `search.ranking.grades`."""
    if word.surface in node.without:
        return {}
    terms = {(term.field, term.text): term.weight for term in word.terms}
    if isinstance(node, Prefix):
        found = any(field is TokenField.SURFACE and text.startswith(node.text) for field, text in terms)
        return {Level.EXACT: 1.0} if found else {}
    strengths: dict[Level, float] = {}
    for alternative in node.alternatives:
        key = (alternative.field, alternative.term)
        if key in terms:
            shared = min(alternative.weight, terms[key])
            strengths[alternative.level] = min(strengths.get(alternative.level, 0.0) + shared, 1.0)
    return strengths


def _form(node: Term | Prefix, word: Word) -> tuple[float, int | None]:
    """Return the weight of an occurrence of a word, and the closeness of its match; None if it does not match."""
    strengths = _strengths(node, word)
    if not strengths:
        return 0.0, None
    return float(_graded(strengths)[Grade.LISTED]), min(map(CLOSENESS.__getitem__, strengths))


def _grades(node: Term | Prefix, section: Section, position: int, word: Word) -> Floats:
    """Return the grades of the token at a position for a word of the query, shape (grades,)."""
    allowed = section in node.sections and (section is Section.TITLE or node.within is None or position < node.within)
    return _graded(_strengths(node, word) if allowed else {})


def _graded(strengths: dict[Level, float]) -> Floats:
    graded: Floats = grades(np.array([[strengths.get(level, 0.0) for level in Level]]))[0]
    return graded


def _found_forms(leaf: Term | Prefix, entry: Entry) -> dict[str, dict[str, int]]:
    """Return by form, for the forms of a word in the document, the closeness of each spelling."""
    found: dict[str, dict[str, int]] = {}
    for section in leaf.sections:
        for word in _words(entry, section, leaf):
            closeness = _form(leaf, word)[1]
            if closeness is not None:
                spellings = found.setdefault(word.surface, {})
                spellings[word.written] = min(closeness, spellings.get(word.written, closeness))
    return found


def _closest_levels(node: Phrase | Near, entry: Entry, section: Section) -> list[Level]:
    """Return the level of each token of a phrase: the closest one if two of its words match the same token."""
    closest: dict[int, Level] = {}
    for match in _occurrences(node, entry):
        if match.section is section:
            levels = (closest.get(match.position, match.level), match.level)
            closest[match.position] = min(levels, key=list(Level).index)
    return list(closest.values())


def _positions(entry: Entry, section: Section, node: Term | Prefix) -> set[int]:
    if section not in node.sections:
        return set()
    return {position for position, word in enumerate(_words(entry, section, node)) if _form(node, word)[1] is not None}


def _words(entry: Entry, section: Section, node: Term | Prefix) -> tuple[Word, ...]:
    """Return the words of a section in which the node may match."""
    words = entry.analyzed.sections[section].words
    return words if section is Section.TITLE else words[: node.within]


def _common_sections(node: Phrase | Near) -> list[Section]:
    return [section for section in Section if all(section in term.sections for term in node.terms)]


def _starts(entry: Entry, section: Section, node: Phrase | Near) -> set[int]:
    """Return the positions at which the phrase, or a window with all its words, begins."""
    if section not in _common_sections(node):
        return set()
    positions = [_positions(entry, section, term) for term in node.terms]
    if isinstance(node, Phrase):
        return set.intersection(
            *({position - offset for position in word} for word, offset in zip(positions, node.offsets, strict=True))
        )
    reach = len(node.terms) + node.slop
    return {start for start in set.union(*positions) if _has_all_words(positions, start, reach, ordered=node.ordered)}


def _has_all_words(positions: list[set[int]], start: int, reach: int, *, ordered: bool) -> bool:
    """Return whether the window at `start` has a position of each word."""
    if not ordered:
        return all(any(start <= position < start + reach for position in word) for word in positions)
    if start not in positions[0]:
        return False
    last = start
    for word in positions[1:]:
        following = [position for position in word if last < position < start + reach]
        if not following:
            return False
        last = min(following)
    return True


def _saturation(frequency: float) -> float:
    return frequency * (BM25_K1 + 1) / (frequency + BM25_K1)


def _occurrences(node: Node, entry: Entry) -> Iterator[MatchPosition]:
    if isinstance(node, Unscored):
        return
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
            assert_never(node)


def _phrase_occurrences(node: Phrase, entry: Entry) -> Iterator[MatchPosition]:
    for section in _common_sections(node):
        starts = _starts(entry, section, node)
        for term, offset in zip(node.terms, node.offsets, strict=True):
            for match in _word_occurrences(term, section, entry):
                if match.position - offset in starts:
                    yield match


def _near_occurrences(node: Near, entry: Entry) -> Iterator[MatchPosition]:
    reach = len(node.terms) + node.slop
    for section in _common_sections(node):
        starts = _starts(entry, section, node)
        for term in node.terms:
            for match in _word_occurrences(term, section, entry):
                if any(start <= match.position < start + reach for start in starts):
                    yield match


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
