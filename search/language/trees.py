"""Trees: how the nodes of pieces and parentheses join."""

from __future__ import annotations

import dataclasses
from collections.abc import Container, Hashable, Iterable, Sequence

from index.schema import Level, TokenField
from search.query import (
    Alternative,
    And,
    AtLeast,
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


@dataclasses.dataclass(slots=True)
class Parts:
    """What stands side by side in a query or between parentheses."""

    free: list[Node] = dataclasses.field(default_factory=list)
    """Words, or words joined by OR: of many words, some may be missing."""
    held: list[Node] = dataclasses.field(default_factory=list)
    """What has to hold in any case."""
    quoted: dict[Node, list[Node]] = dataclasses.field(default_factory=dict)
    """What stands between quotes, which has to hold too, with its words sought as if they stood without."""
    grouped: bool = False
    """Whether parentheses hold it together."""

    def add(self, other: Parts, *, required: bool) -> None:
        """Take in what stands beside it; `required` words have to be there."""
        if required:
            self.held += other.nodes()
            return
        self.free += other.free
        self.held += other.held
        self.quoted |= other.quoted

    def nodes(self) -> list[Node]:
        """Return all of it."""
        return [*self.free, *self.must()]

    def must(self) -> list[Node]:
        """Return what has to hold."""
        return [*self.held, *self.quoted]


def all_of(nodes: Sequence[Node]) -> Node:
    """Return the node that holds where all of them do; without any, everywhere."""
    if not nodes:
        return MatchAll()
    return nodes[0] if len(nodes) == 1 else And(tuple(nodes))


def some_of(nodes: Sequence[Node], minimum: int) -> Node:
    """Return the node that holds where `minimum` of them do, of which there is at least one."""
    if len(nodes) == 1:
        return nodes[0]
    return And(tuple(nodes)) if minimum == len(nodes) else Or(tuple(nodes), minimum)


def any_of(nodes: Iterable[Node]) -> Node:
    """Return the node that holds where any of them does: flat, each once, the values of a field together."""
    flat: dict[Hashable, Node] = {}
    for node in nodes:
        for child in node.children if isinstance(node, Or) and node.minimum == 1 else (node,):
            if isinstance(child, FacetFilter):
                known = flat.get(child.field)
                values = known.values if isinstance(known, FacetFilter) else ()
                flat[child.field] = FacetFilter(child.field, tuple(dict.fromkeys((*values, *child.values))))
            else:
                flat.setdefault(same(child), child)
    return some_of(tuple(flat.values()), 1)


def unique(nodes: Iterable[Node]) -> list[Node]:
    """Return the nodes without those that match the same as one before them."""
    first: dict[Hashable, Node] = {}
    for node in nodes:
        first.setdefault(same(node), node)
    return list(first.values())


def negated(node: Node) -> Node:
    """Return the node that holds where this one does not."""
    return node.child if isinstance(node, Not) else Not(node)


def same(node: Node) -> Hashable:
    """Return what two nodes have in common if they match the same, whichever words of the query they are."""
    match node:
        case Term():
            return (node.alternatives, node.sections, node.within)
        case Prefix():
            return (node.text, node.sections, node.within)
        case Or():
            return (node.minimum, *map(same, node.children))
        case _:
            return node


def scores(node: Node) -> bool:
    """Return whether there are words to rank by."""
    match node:
        case Term() | AtLeast() | Phrase() | Near() | Prefix():
            return True
        case And() | Or():
            return any(map(scores, node.children))
        case _:
            return False


def loose_words(node: Node) -> list[Term]:
    """Return the words that stand by themselves, alone or among alternatives: no quotes, counts or signs hold them."""
    match node:
        case Term():
            return [node]
        case And() | Or():
            return [word for child in node.children for word in loose_words(child)]
        case _:
            return []


def with_soft(node: Node, words: Container[int]) -> Node:
    """Return the tree in which the loose words of these numbers are also found where they are spelled alike."""
    match node:
        case Term():
            return _softened(node) if node.word in words else node
        case And() | Or():
            children = tuple(with_soft(child, words) for child in node.children)
            return dataclasses.replace(node, children=children)
        case _:
            return node


def _softened(term: Term) -> Term:
    stems = [found for found in term.alternatives if found.field is TokenField.CLITIC]
    if not stems:
        return term  # its letters were asked for as they stand
    likeliest = max(stems, key=lambda found: found.weight)
    # a misspelt word may have lost what was taken for a particle, so that its letters as they stand are tried too
    whole = [found for found in term.alternatives if found.field is TokenField.SURFACE]
    forms = dict.fromkeys(found.term for found in (likeliest, *whole))
    soft = (Alternative(Level.SOFT, TokenField.CLITIC, form, 1.0) for form in forms)
    return dataclasses.replace(term, alternatives=(*term.alternatives, *soft))


def without_prefix(node: Node, text: str) -> Node:
    """Return the tree without the prefixes of these letters; what is left of a choice or a list still holds."""
    left = _left(node, text)
    return MatchNone() if left is None else left


def _left(node: Node, text: str) -> Node | None:
    match node:
        case Prefix():
            return None if node.text == text else node
        case And() | Or():
            children = tuple(left for child in node.children if (left := _left(child, text)) is not None)
            if not children:
                return None
            return And(children) if isinstance(node, And) else Or(children, min(node.minimum, len(children)))
        case Not():
            child = _left(node.child, text)
            return None if child is None else Not(child)
        case _:
            return node
