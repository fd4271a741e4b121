"""The documents of a listing as queries: what each level counts, the tiers, and the parts of the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from index.schema import LADDER
from search.engine import Listing
from search.engines.opensearch.compiler import NONE, Compiler, Query, any_of
from search.levels import Tier, counted, tiers
from search.request import Sort

LEVELS, TIERS, TYPED = "levels", "tiers", "typed"
"""Names of the aggregations that count."""


class ListedQueries:
    """The queries of one listing, without its filters."""

    def __init__(self, listing: Listing, compiler: Compiler) -> None:
        self._listing = listing
        self._by_level = {level: compiler.matching(counted(listing.query, level)) for level in LADDER}
        self._names = tiers(listing.match)
        partial = NONE if listing.partial is None else compiler.matching(counted(listing.partial, LADDER[-1]))
        self._up_to = [*(self._by_level[level] for level in LADDER[LADDER.index(listing.match) :]), partial]
        """For each tier a query for its documents, and maybe some of the tiers before it."""
        self._typed = None
        if listing.typed is not None and listing.sort is Sort.RELEVANCE:
            self._typed = compiler.matching(listing.typed)

    @property
    def matches(self) -> Query:
        """The query for the matches."""
        return self._by_level[self._listing.match]

    @property
    def may_have_typed_first(self) -> bool:
        """Whether the parts of the list depend on counts."""
        return self._typed is not None

    def counted(self) -> Query:
        """Return the query for all documents that `counts` counts."""
        return any_of([*self._by_level.values(), self._up_to[-1]])

    def counts(self) -> dict[str, Any]:
        """Return the aggregations that count the documents of each level and tier."""
        aggregations: dict[str, Any] = {
            LEVELS: {"filters": {"filters": {level.value: query for level, query in self._by_level.items()}}},
            TIERS: {
                "filters": {"filters": {tier.value: self._tier(number) for number, tier in enumerate(self._names)}}
            },
        }
        if self._typed is not None:
            aggregations[TYPED] = {"filter": {"bool": {"filter": [self.matches, self._typed]}}}
        return aggregations

    def parts(self, counts: TierCounts) -> list[tuple[Query, int]]:
        """Return the parts of the list: the query of each, and the number of its documents."""
        if not self._listing.lists_tiers:
            parts = [(self.matches, counts.by_tier[Tier.MATCH])]
        elif self._listing.tiered:
            parts = [(self._tier(number), counts.by_tier[tier]) for number, tier in enumerate(self._names)]
        else:
            parts = [(any_of(self._up_to), sum(counts.by_tier.values()))]
        if self._typed is not None and 0 < 2 * counts.typed <= counts.by_level[0]:
            (query, count), *others = parts
            typed: Query = {"bool": {"filter": [query, self._typed]}}
            rest: Query = {"bool": {"filter": [query], "must_not": [self._typed]}}
            parts = [(typed, counts.typed), (rest, count - counts.typed), *others]
        return parts

    def first_part(self) -> Query:
        """Return the query of the first part of the list, if no counts decide about it."""
        return self.matches if not self._listing.lists_tiers or self._listing.tiered else any_of(self._up_to)

    def _tier(self, number: int) -> Query:
        if not number:
            return self.matches
        return {"bool": {"filter": [self._up_to[number]], "must_not": self._up_to[:number]}}


class TierCounts:
    """The answers to `ListedQueries.counts`."""

    def __init__(self, aggregations: Mapping[str, Any]) -> None:
        levels, found = aggregations[LEVELS]["buckets"], aggregations[TIERS]["buckets"]
        self.by_level: Sequence[int] = tuple(levels[level.value]["doc_count"] for level in LADDER)
        """Number of matches for each value of `match=`."""
        self.by_tier: Mapping[Tier, int] = {Tier(name): bucket["doc_count"] for name, bucket in found.items()}
        self.typed: int = aggregations[TYPED]["doc_count"] if TYPED in aggregations else 0
        """Number of matches that have the only word in the letters typed."""
