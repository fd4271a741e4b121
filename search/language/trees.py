"""Joins and rewrites the nodes of a query tree."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import assert_never

from index.schema import Level, TokenField
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
    map_children,
    walk,
)


@dataclasses.dataclass(slots=True)
class Clauses:
    """The clauses of a query, or of an expression in parentheses."""

    optional: list[Node] = dataclasses.field(default_factory=list)
    """Words, or words joined by OR: a match of a long query need not have all of them (`search.ranking.quorum`)."""
    required: list[Node] = dataclasses.field(default_factory=list)
    """Nodes that every match must match."""
    quoted: dict[Node, list[Node]] = dataclasses.field(default_factory=dict)
    """Nodes of pieces in quotes, which are required too, each with its words as they would be searched without."""
    grouped: bool = False
    """Whether they are in parentheses."""

    def add(self, other: Clauses, *, required: bool) -> None:
        """Add the clauses of `other`; if `required`, all of them become required."""
        if required:
            self.required += other.nodes()
            return
        self.optional += other.optional
        self.required += other.required
        self.quoted |= other.quoted

    def nodes(self) -> list[Node]:
        """Return all nodes."""
        return [*self.optional, *self.must()]

    def must(self) -> list[Node]:
        """Return the nodes that every match must match, quoted ones included."""
        return [*self.required, *self.quoted]


def all_of(nodes: Sequence[Node]) -> Node:
    """Return the conjunction of nodes; of none, `MatchAll`."""
    if not nodes:
        return MatchAll()
    return nodes[0] if len(nodes) == 1 else And(tuple(nodes))


def some_of(nodes: Sequence[Node], minimum: int) -> Node:
    """Return the node that matches where at least `minimum` of `nodes` (one or more) match."""
    if len(nodes) == 1:
        return nodes[0]
    return And(tuple(nodes)) if minimum == len(nodes) else Or(tuple(nodes), minimum)


def any_of(nodes: Iterable[Node]) -> Node:
    """Return the disjunction of nodes: flat, without duplicates, the values of a facet field in one filter."""
    flat: dict[Hashable, Node] = {}
    for node in nodes:
        for child in node.children if isinstance(node, Or) and node.minimum == 1 else (node,):
            if isinstance(child, FacetFilter):
                earlier = flat.get(child.field)
                values = earlier.values if isinstance(earlier, FacetFilter) else ()
                flat[child.field] = FacetFilter(child.field, tuple(dict.fromkeys((*values, *child.values))))
            else:
                flat.setdefault(match_key(child), child)
    return some_of(tuple(flat.values()), 1)


def unique(nodes: Iterable[Node]) -> list[Node]:
    """Return the nodes without those that match the same documents as an earlier one."""
    first: dict[Hashable, Node] = {}
    for node in nodes:
        first.setdefault(match_key(node), node)
    return list(first.values())


def negated(node: Node) -> Node:
    """Return the negation of a node."""
    return node.child if isinstance(node, Not) else Not(node)


def match_key(node: Node) -> Hashable:
    """Return a key that is equal for nodes that match the same, whatever their word numbers."""
    match node:
        case Term():
            return (node.alternatives, node.sections, node.within)
        case Prefix():
            return (node.text, node.sections, node.within)
        case Or():
            return (node.minimum, *map(match_key, node.children))
        case AtLeast() | Phrase() | Near() | And() | Not() | FacetFilter() | DateRange() | MatchAll() | MatchNone():
            return node
        case _:
            assert_never(node)


def loose_words(node: Node) -> Iterator[Term]:
    """Return the words of a tree that are not excluded, in a phrase or window, or counted; alternatives included."""
    return (word for word in walk(node, stop_at=(AtLeast, Phrase, Near, Not)) if isinstance(word, Term))


def with_phrases(node: Node, phrases: Mapping[int, Phrase]) -> Node:
    """Return the tree in which phrases are in place of the loose words with these numbers."""
    if isinstance(node, Term):
        return phrases.get(node.word, node)
    if isinstance(node, (AtLeast, Phrase, Near)):
        return node
    return map_children(node, lambda child: with_phrases(child, phrases))


def with_soft(node: Node, words: Container[int], spelled_like: Callable[[str], Sequence[tuple[str, float]]]) -> Node:
    """Return the tree in which the words with these numbers also match similarly spelled words.

    `spelled_like` returns the stems that are spelled like a word, with their similarity.
    """
    if isinstance(node, Term):
        return _softened(node, spelled_like) if node.word in words else node
    return map_children(node, lambda child: with_soft(child, words, spelled_like))


def _softened(term: Term, spelled_like: Callable[[str], Sequence[tuple[str, float]]]) -> Term:
    stems = [alternative for alternative in term.alternatives if alternative.field is TokenField.CLITIC]
    if not stems:
        return term  # the term requires its exact letters
    likeliest = max(stems, key=lambda alternative: alternative.weight)
    # a letter that was taken for a particle may belong to a misspelled word: its surface is tried too
    surfaces = [alternative for alternative in term.alternatives if alternative.field is TokenField.SURFACE]
    forms = dict.fromkeys(alternative.term for alternative in (likeliest, *surfaces))
    soft = (
        Alternative(Level.SOFT, TokenField.CLITIC, stem, similarity)
        for form in forms
        for stem, similarity in spelled_like(form)
    )
    return dataclasses.replace(term, alternatives=(*term.alternatives, *soft), unlimited=True)


def without_prefix(node: Node, text: str) -> Node:
    """Return the tree without the prefixes of these letters; the other children of an `And` or `Or` remain."""
    remaining = _without_prefix(node, text)
    return MatchNone() if remaining is None else remaining


def _without_prefix(node: Node, text: str) -> Node | None:
    """Return the tree without the prefixes, None if nothing remains."""
    match node:
        case Prefix():
            return None if node.text == text else node
        case And() | Or():
            remaining = (_without_prefix(child, text) for child in node.children)
            children = tuple(child for child in remaining if child is not None)
            if not children:
                return None
            return And(children) if isinstance(node, And) else Or(children, min(node.minimum, len(children)))
        case Not():
            child = _without_prefix(node.child, text)
            return None if child is None else Not(child)
        case Term() | AtLeast() | Phrase() | Near() | FacetFilter() | DateRange() | MatchAll() | MatchNone():
            return node
        case _:
            assert_never(node)
