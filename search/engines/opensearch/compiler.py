"""Compiles the query tree to OpenSearch's query DSL: a filter with the exact matches, and clauses that score them.

Terms are looked up whole, in one token stream that holds all levels; no user input reaches a query parser. `Phrase`
and `Near` become span queries, which know the position of every token. What the DSL cannot express (a word with a
minimum number of occurrences) is checked by a script that reads the tokens of the article.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, assert_never

import numpy as np

from index.engines.opensearch.encoding import Keys, term_of
from index.schema import CLOSENESS, Level, Section, TokenField
from search.addresses import common_sections
from search.query import (
    Alternative,
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
)
from search.ranking import LEVEL_WEIGHTS

Query = dict[str, Any]

BOTH = tuple(Section)
ALL: Query = {"match_all": {}}
NONE: Query = {"match_none": {}}

_OCCURS = """
def data = doc['forward'].value; def bytes = data.bytes; int at = data.offset;
int words = (bytes[at] & 255) | (bytes[at+1] & 255) << 8 | (bytes[at+2] & 255) << 16 | (bytes[at+3] & 255) << 24;
int title = (bytes[at+4] & 255) | (bytes[at+5] & 255) << 8 | (bytes[at+6] & 255) << 16 | (bytes[at+7] & 255) << 24;
int tokens = (bytes[at+8] & 255) | (bytes[at+9] & 255) << 8 | (bytes[at+10] & 255) << 16 | (bytes[at+11] & 255) << 24;
def keys = params.keys; int next = 0; int size = keys.size();
boolean[] wanted = new boolean[words + 1]; boolean any = false;
for (int word = 0; word < words && next < size; word++) {
  long key = 0L;
  for (int byteAt = 0; byteAt < 8; byteAt++) { key = (key << 8) | (bytes[at + 12 + 8 * word + byteAt] & 255); }
  while (next < size && (long) keys[next] < key) { next++; }
  if (next < size && (long) keys[next] == key) { wanted[word + 1] = true; any = true; }
}
if (!any) { return false; }
int width = words < 65535 ? 2 : 4; int from = at + 12 + 8 * words;
int first = params.title ? 0 : title;
int last = title;
if (params.body) { last = params.within < 0 ? tokens : (int) Math.min((long) tokens, (long) title + params.within); }
int times = 0;
for (int token = first; token < last; token++) {
  int slot = from + width * token;
  int word = (bytes[slot] & 255) | (bytes[slot + 1] & 255) << 8;
  if (width == 4) { word = word | (bytes[slot + 2] & 255) << 16 | (bytes[slot + 3] & 255) << 24; }
  if (wanted[word]) { times++; if (times >= params.times) { return true; } }
}
return false;
"""
"""Painless script: whether the words `keys` occur at least `times` times in the given sections of an article. Reads the
binary field that `index.engines.opensearch.encoding` packs."""


class Resolved(Protocol):
    """The part of a vocabulary that the compiler needs."""

    def keys(self, node: Term | Prefix) -> Keys:
        """Return the keys of the words that a word of the query matches, ascending (int64)."""

    def written(self, node: Term) -> Sequence[str]:
        """Return the letters, as written, of the words that a word of the query matches."""


class Compiler:
    """Compiles trees over one vocabulary."""

    def __init__(self, vocabulary: Resolved) -> None:
        self._vocabulary = vocabulary

    def matching(self, node: Node) -> Query:  # noqa: C901, PLR0911, PLR0912 - one case per node type
        """Return the query with exactly the matches of a tree; its scores have no meaning."""
        match node:
            case Term():
                return self._term(node)
            case Prefix():
                return self._prefix(node)
            case AtLeast():
                return all_of([self._term(node.term), self._occurs(node.term, node.count)])
            case Phrase():
                return any_of([self._phrase(node, section) for section in common_sections(node)])
            case Near():
                return any_of([self._near(node, section) for section in common_sections(node)])
            case And():
                return all_of([self.matching(child) for child in node.children])
            case Or():
                return self._at_least(node)
            case Not():
                return {"bool": {"must_not": [self.matching(node.child)]}}
            case FacetFilter():
                return {"terms": {node.field.value: list(node.values)}}
            case DateRange():
                return published(node)
            case MatchAll():
                return ALL
            case MatchNone():
                return NONE
            case _:
                assert_never(node)

    def close(self, node: Term | Prefix, widest: Level) -> Query:
        """Return the query for the articles in which a word is found at `widest` or a closer level."""
        if isinstance(node, Prefix):
            return self.matching(node)
        kept = [alternative for alternative in node.alternatives if CLOSENESS[alternative.level] <= CLOSENESS[widest]]
        return self._term(_with_alternatives(node, kept)) if kept else NONE

    def having_form(self, node: Term | Prefix, keys: Keys) -> Query:
        """Return the query for articles that have one of `keys`, forms of a word, in a section where it may occur."""
        if not len(keys):
            return NONE
        return _occurs_script(keys, node.sections, node.within, 1)

    def _term(self, node: Term) -> Query:
        names = self._names(node)
        if not names:
            return NONE
        if node.without:
            return self._occurs(node, 1)  # by words: the first part of a compound has the term of an excluded form
        if node.within is not None:
            return any_of([self._span(node, section) for section in node.sections])
        if set(node.sections) == set(BOTH) and not node.stop:
            return {"terms": {"words": names}}
        return any_of([{"terms": {section.value: names}} for section in node.sections])

    def _prefix(self, node: Prefix) -> Query:
        if node.without or node.within is not None:
            return self._occurs(node, 1)
        letters = term_of(TokenField.SURFACE, node.text)
        fields = ["words"] if set(node.sections) == set(BOTH) else [section.value for section in node.sections]
        return any_of([{"prefix": {field: {"value": letters}}} for field in fields])

    def _phrase(self, node: Phrase, section: Section) -> Query:
        clauses: list[Query] = []
        end = 0
        for term, offset in zip(node.terms, node.offsets, strict=True):
            span = self._span(term, section)
            if span is NONE:
                return NONE
            if offset > end:
                clauses.append({"span_gap": {section.value: offset - end}})
            clauses.append(span)
            end = offset + 1
        return clauses[0] if len(clauses) == 1 else {"span_near": {"clauses": clauses, "slop": 0, "in_order": True}}

    def _near(self, node: Near, section: Section) -> Query:
        clauses = [self._span(term, section) for term in node.terms]
        if any(clause is NONE for clause in clauses):
            return NONE
        return {"span_near": {"clauses": clauses, "slop": node.slop, "in_order": node.ordered}}

    def _span(self, node: Term, section: Section) -> Query:
        """Return the span query for the tokens of a section that a word matches."""
        names = self._names(node)
        if not names:
            return NONE
        span = _any_span(section, names)
        if node.without:
            dropped = [term_of(TokenField.SURFACE, form) for form in node.without]
            span = {"span_not": {"include": span, "exclude": _any_span(section, dropped)}}
        if section is Section.BODY and node.within is not None:
            span = {"span_first": {"match": span, "end": node.within}}
        return span

    def _names(self, node: Term) -> list[str]:
        """Return the terms by which a word is found in the slots; those of a stop word have only written ones."""
        if not node.stop:
            return _term_names(node.alternatives)
        return [term_of(TokenField.WRITTEN, written) for written in dict.fromkeys(self._vocabulary.written(node))]

    def _occurs(self, node: Term | Prefix, times: int) -> Query:
        keys = self._vocabulary.keys(node)
        return _occurs_script(keys, node.sections, node.within, times) if len(keys) else NONE

    def _at_least(self, node: Or) -> Query:
        if node.minimum <= 0:
            return ALL
        if node.minimum > len(node.children):
            return NONE
        children = [self.matching(child) for child in node.children]
        return {"bool": {"should": children, "minimum_should_match": node.minimum}}


def scoring(node: Term | Prefix, boosts: Mapping[str, float]) -> list[Query]:
    """Return clauses whose scores add up to an estimate of a word's score; `boosts` has one for each of its terms."""
    if node.within is not None:
        within = node.within
        return [
            _first_words(section, name, boost, within) for section in node.sections for name, boost in boosts.items()
        ]
    fields = ["words"] if set(node.sections) == set(BOTH) else [section.value for section in node.sections]
    return [{"term": {field: {"value": name, "boost": boost}}} for field in fields for name, boost in boosts.items()]


def _first_words(section: Section, name: str, boost: float, within: int) -> Query:
    """Return the clause for a term among the first `within` positions of a body; a title is not cut."""
    span: Query = {"span_term": {section.value: name}}
    if section is Section.BODY:
        span = {"span_first": {"match": span, "end": within}}
    return {"bool": {"must": [span], "boost": boost}}


def shares(node: Term) -> dict[str, float]:
    """Return by term name what each term of a word adds to the weight of an occurrence that has it.

    An occurrence with the term of a close level also has the terms of the wider ones: the share of a term is the
    difference between the weight of its level and that of the next wider level.
    """
    levels = {alternative.level for alternative in node.alternatives}
    ordered = sorted(levels, key=lambda level: LEVEL_WEIGHTS[level], reverse=True)
    weights = [LEVEL_WEIGHTS[level] for level in ordered] + [0.0]
    added = {level: weight - wider for level, (weight, wider) in zip(ordered, itertools.pairwise(weights), strict=True)}
    by_name: dict[str, float] = {}
    fields = {alternative.field for alternative in node.alternatives}
    for alternative in node.alternatives:
        if alternative.field is TokenField.WRITTEN and TokenField.SURFACE in fields:
            continue  # the same occurrences have the term of the surface
        name = term_of(alternative.field, alternative.term)
        by_name[name] = max(by_name.get(name, 0.0), added[alternative.level] * alternative.weight**0.5)
    return by_name


def published(node: DateRange) -> Query:
    """Return the query for articles published in a range of days."""
    alternatives: list[Query] = []
    if node.first is not None or node.last is not None:
        bounds = {}
        if node.first is not None:
            bounds["gte"] = node.first.toordinal()
        if node.last is not None:
            bounds["lte"] = node.last.toordinal()
        alternatives.append({"range": {"day": bounds}})
    if node.unknown:
        alternatives.append({"bool": {"must_not": [{"exists": {"field": "day"}}]}})
    return any_of(alternatives)


def _occurs_script(keys: Keys, sections: Iterable[Section], within: int | None, times: int) -> Query:
    allowed = set(sections)
    params = {
        "keys": np.sort(keys).tolist(),
        "title": Section.TITLE in allowed,
        "body": Section.BODY in allowed,
        "within": -1 if within is None else within,
        "times": times,
    }
    return {"script": {"script": {"lang": "painless", "source": _OCCURS, "params": params}}}


def _any_span(section: Section, names: Sequence[str]) -> Query:
    terms = [{"span_term": {section.value: name}} for name in names]
    return terms[0] if len(terms) == 1 else {"span_or": {"clauses": terms}}


def _term_names(alternatives: Iterable[Alternative]) -> list[str]:
    return list(dict.fromkeys(term_of(alternative.field, alternative.term) for alternative in alternatives))


def _with_alternatives(node: Term, alternatives: Iterable[Alternative]) -> Term:
    return dataclasses.replace(node, alternatives=tuple(alternatives))


def all_of(queries: Sequence[Query]) -> Query:
    """Return the query for documents that match all of `queries`."""
    if not queries:
        return ALL
    return queries[0] if len(queries) == 1 else {"bool": {"filter": list(queries)}}


def any_of(queries: Sequence[Query]) -> Query:
    """Return the query for documents that match at least one of `queries`."""
    if not queries:
        return NONE
    return queries[0] if len(queries) == 1 else {"bool": {"should": list(queries), "minimum_should_match": 1}}
