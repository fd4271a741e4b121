"""Which levels of a word are counted, and in which tier of the list a document stands.

The words of a query tree have terms at all levels. `counted` leaves those that a value of `match=` counts: the matches
are the documents of that tree. The documents that only a wider value would count follow in tiers, one for each such
value, and last come the documents that have some of the words.
"""

from __future__ import annotations

import dataclasses
import enum
import functools

from index.schema import CLOSENESS, LADDER, WIDEST_COUNTED, Level
from search.query import Alternative, Node, Term, map_children


class Tier(enum.StrEnum):
    """The part of the list that a document stands in: `match`, or why it is not counted."""

    MATCH = "match"
    """It is counted."""
    CLITIC = "clitic"
    """The narrowest `match=` that would count it; so the next three."""
    LEMMA = "lemma"
    FAMILY = "family"
    ROOT = "root"
    PARTIAL = "partial"
    """It has some of the words, at any level."""


@functools.cache
def tiers(match: Level) -> tuple[Tier, ...]:
    """Return the tiers of a list, the first one first, if `match` is the widest level counted."""
    wider = LADDER[LADDER.index(match) + 1 :]
    return (Tier.MATCH, *(Tier(level) for level in wider), Tier.PARTIAL)


def widest_level(tier: Tier, match: Level) -> Level:
    """Return the `match=` that finds the words of a document of a tier."""
    if tier is Tier.MATCH:
        return match
    return LADDER[-1] if tier is Tier.PARTIAL else Level(tier)


def is_counted(level: Level, match: Level) -> bool:
    """Return whether `match` counts a level."""
    return CLOSENESS[level] <= CLOSENESS[WIDEST_COUNTED[match]]


def counted(node: Node, match: Level) -> Node:
    """Return the tree whose words match at the levels that `match` counts."""
    if isinstance(node, Term):
        return _counted_term(node, match)
    return map_children(node, lambda child: counted(child, match))


def _counted_term(term: Term, match: Level) -> Term:
    kept = tuple(alternative for alternative in term.alternatives if _counts(term, alternative, match))
    return term if len(kept) == len(term.alternatives) else dataclasses.replace(term, alternatives=kept)


def _counts(term: Term, alternative: Alternative, match: Level) -> bool:
    return term.unlimited or is_counted(alternative.level, match)
