"""The query tree: the parser builds it, expansion adds the terms, and every engine compiles it.

It is independent of the engines' own query classes. Nodes are frozen and compare by value. `walk`, `children` and
`map_children` are the ways through a tree; code that decides by the type of a node names all types of `Node`, and ends
in `assert_never`, so that mypy reports every such place when a type is added.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from typing import assert_never

from index.schema import FacetField, Level, Section, TokenField


@dataclasses.dataclass(frozen=True, slots=True)
class Alternative:
    """One term that matches a word of the query."""

    level: Level
    """The level of a match."""
    field: TokenField
    term: str
    weight: float
    """Weight of the reading, 0 to 1, for `soft` the similarity; the weights of levels are in `search/ranking.py`."""


@dataclasses.dataclass(frozen=True, slots=True)
class Term:
    """One word of the query. A document matches if any of the alternatives occurs in an allowed section."""

    text: str
    """As typed."""
    word: int
    """Number of the word in the query, from 0; match positions refer to it."""
    alternatives: tuple[Alternative, ...]
    sections: tuple[Section, ...] = (Section.TITLE, Section.BODY)
    within: int | None = None
    """Only body positions below this count, for matching, scoring and match positions; None allows the whole body. It
    does not apply to the title. In a `Phrase` or `Near` it applies to the position of this term."""
    without: tuple[str, ...] = ()
    """Folded forms (`TokenField.SURFACE`) that do not match, whichever alternatives they have."""
    unlimited: bool = False
    """Whether all alternatives are counted, whatever `match` says: a root that is asked for, or a close spelling."""
    stop: bool = False
    """Whether it is a stop word: its idf is `search.ranking.STOP_WORD_IDF`, and it has no forms to count."""


@dataclasses.dataclass(frozen=True, slots=True)
class AtLeast:
    """Documents in which the term has at least `count` occurrences, in title and body together.

    An occurrence is a position of an allowed section at which any alternative matches; a position with several of them
    counts once. Score and match positions are those of the term.
    """

    term: Term
    count: int
    """At least 1."""


@dataclasses.dataclass(frozen=True, slots=True)
class Phrase:
    """Words at fixed distances in one section. Scored as one word with the sum of the idfs of its words."""

    terms: tuple[Term, ...]
    offsets: tuple[int, ...]
    """Position of each term relative to the first, ascending from 0; at a gap stands any word."""


@dataclasses.dataclass(frozen=True, slots=True)
class Near:
    """Words within a window in one section. Scored as one word with the sum of the idfs of its words."""

    terms: tuple[Term, ...]
    """At least two."""
    slop: int
    """Number of other tokens (stop words included) allowed among them: the window has `len(terms) + slop` positions."""
    ordered: bool = False
    """Whether they must occur in the order of `terms`."""


@dataclasses.dataclass(frozen=True, slots=True)
class Prefix:
    """Every word that begins with these letters, at level `exact`; scored as one word."""

    text: str
    """Folded (`Analyzer.fold`), not empty."""
    word: int
    """As in `Term`."""
    sections: tuple[Section, ...] = (Section.TITLE, Section.BODY)
    within: int | None = None
    """As in `Term`."""
    without: tuple[str, ...] = ()
    """As in `Term`."""


@dataclasses.dataclass(frozen=True, slots=True)
class And:
    """Documents that match all children; the scores are added."""

    children: tuple[Node, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Or:
    """Documents that match at least `minimum` children (1 = any); the scores of these are added."""

    children: tuple[Node, ...]
    minimum: int = 1


@dataclasses.dataclass(frozen=True, slots=True)
class Not:
    """Documents that do not match the child; the score is 0."""

    child: Node


@dataclasses.dataclass(frozen=True, slots=True)
class FacetFilter:
    """Documents whose facet field has one of the values; the score is 0."""

    field: FacetField
    values: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class DateRange:
    """Documents published on the days from `first` to `last`, both included; None is unbounded. The score is 0."""

    first: dt.date | None
    last: dt.date | None
    unknown: bool = False
    """Also documents without a date; if both ends are None, only these."""


@dataclasses.dataclass(frozen=True, slots=True)
class MatchAll:
    """All documents; the score is 0."""


@dataclasses.dataclass(frozen=True, slots=True)
class MatchNone:
    """No document."""


Unscored = Not | FacetFilter | DateRange | MatchAll | MatchNone
"""The nodes that score nothing."""

Node = Term | Prefix | AtLeast | Phrase | Near | And | Or | Unscored
"""All nodes."""


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below a node, in the order of the query; none below a word or a filter."""
    match node:
        # first, because most nodes are words
        case Term() | Prefix() | FacetFilter() | DateRange() | MatchAll() | MatchNone():
            return ()
        case And() | Or():
            return node.children
        case Not():
            return (node.child,)
        case AtLeast():
            return (node.term,)
        case Phrase() | Near():
            return node.terms
        case _:
            assert_never(node)


def map_children(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return the node with the result of `change` in place of each child.

    Raises:
        TypeError: `change` returned another node for a term of an `AtLeast`, a `Phrase` or a `Near`.
    """
    match node:
        case Term() | Prefix() | FacetFilter() | DateRange() | MatchAll() | MatchNone():
            return node
        case And() | Or():
            return dataclasses.replace(node, children=tuple(change(child) for child in node.children))
        case Not():
            return Not(change(node.child))
        case AtLeast():
            return dataclasses.replace(node, term=_term(change(node.term)))
        case Phrase() | Near():
            return dataclasses.replace(node, terms=tuple(_term(change(term)) for term in node.terms))
        case _:
            assert_never(node)


def walk(node: Node, *, stop_at: tuple[type[Node], ...] = ()) -> Iterator[Node]:
    """Yield a node and all nodes below it, parents first, in the order of the query.

    Nodes of the types `stop_at` are yielded, the nodes below them are not.
    """
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, stop_at):
            waiting.extend(reversed(children(node)))


def _term(node: Node) -> Term:
    if not isinstance(node, Term):
        raise TypeError(f"a term is replaced by a term, not by {node}")
    return node
