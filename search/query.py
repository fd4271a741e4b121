"""The query tree: what the parser builds, expansion fills with terms, and every engine compiles.

The tree is ours; no engine's syntax or class appears in it. Nodes are frozen and compare by value.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

from index.schema import FacetField, Level, Section, TokenField


@dataclasses.dataclass(frozen=True, slots=True)
class Alternative:
    """One term under which a word of the query may be found."""

    level: Level
    """`soft` stands for all terms of the field that are spelled like `term` (`search/similarity.py`)."""
    field: TokenField
    term: str
    weight: float
    """Weight of the reading; what the level counts stands in `search/ranking.py`."""


@dataclasses.dataclass(frozen=True, slots=True)
class Term:
    """One word of the query. A document matches it when any alternative stands in an allowed section."""

    text: str
    """As typed."""
    word: int
    """Number of the word in the query, from 0; match positions refer to it."""
    alternatives: tuple[Alternative, ...]
    sections: tuple[Section, ...] = (Section.TITLE, Section.BODY)
    within: int | None = None
    """Only body positions below this count, for matching, scoring and match positions alike; None is the whole body.
    The title is not cut. Where such a term stands in a `Phrase` or `Near`, the position of that term is what counts."""
    without: tuple[str, ...] = ()
    """Folded forms of words (`TokenField.SURFACE`) that it is not found as, whichever alternative they have."""


@dataclasses.dataclass(frozen=True, slots=True)
class AtLeast:
    """Documents in which the word of the term stands at least `count` times, title and body together.

    One time is one position of an allowed section at which any alternative stands: a position that several alternatives
    share counts once. Scores and is located as the term alone.
    """

    term: Term
    count: int
    """At least 1."""


@dataclasses.dataclass(frozen=True, slots=True)
class Phrase:
    """Words at fixed distances in one section. Scores as the sum of its words where they stand in the phrase."""

    terms: tuple[Term, ...]
    offsets: tuple[int, ...]
    """Position of each term relative to the first, ascending from 0; dropped stop words leave gaps."""


@dataclasses.dataclass(frozen=True, slots=True)
class Near:
    """Words close together in one section, in any order. Scores as the sum of its words in the documents it matches."""

    terms: tuple[Term, ...]
    """At least two."""
    slop: int
    """How many other tokens (stop words too) may stand among them: the window has `len(terms) + slop` positions."""
    ordered: bool = False
    """Whether they must stand in the order of `terms`."""


@dataclasses.dataclass(frozen=True, slots=True)
class Prefix:
    """Every word that begins with these letters, found at level `exact`; scores as one word."""

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
    """All children match; the scores add up."""

    children: tuple[Node, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Or:
    """At least `minimum` children match (1 = any); the scores of those that match add up."""

    children: tuple[Node, ...]
    minimum: int = 1


@dataclasses.dataclass(frozen=True, slots=True)
class Not:
    """Every document that the child does not match; scores nothing."""

    child: Node


@dataclasses.dataclass(frozen=True, slots=True)
class FacetFilter:
    """Documents whose facet field has one of the values; scores nothing."""

    field: FacetField
    values: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class DateRange:
    """Documents published on the days `first` to `last`, both included; None is open. Scores nothing."""

    first: dt.date | None
    last: dt.date | None
    unknown: bool = False
    """Also the documents without a date (with both ends open: only them)."""


@dataclasses.dataclass(frozen=True, slots=True)
class MatchAll:
    """Every document; scores nothing."""


@dataclasses.dataclass(frozen=True, slots=True)
class MatchNone:
    """No document."""


Node = Term | AtLeast | Phrase | Near | Prefix | And | Or | Not | FacetFilter | DateRange | MatchAll | MatchNone
