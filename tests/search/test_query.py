"""The ways through a query tree, and that code which decides by the type of a node names all of them."""

from __future__ import annotations

import ast
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.schema import FacetField
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
    children,
    map_children,
    walk,
)

ROOT = Path(__file__).parents[2]
FIRST, SECOND, THIRD = (Term(text, number, ()) for number, text in enumerate(["مصر", "كتاب", "وزير"]))
SOURCE = FacetFilter(FacetField.SOURCE, ("aj",))
CHILDREN: list[tuple[Node, tuple[Node, ...]]] = [
    (FIRST, ()),
    (Prefix("كت", 3), ()),
    (AtLeast(FIRST, 3), (FIRST,)),
    (Phrase((SECOND, FIRST), (0, 2)), (SECOND, FIRST)),
    (Near((FIRST, THIRD, SECOND), 5, ordered=True), (FIRST, THIRD, SECOND)),
    (And((SOURCE, FIRST)), (SOURCE, FIRST)),
    (Or((FIRST, Not(SECOND), THIRD), 2), (FIRST, Not(SECOND), THIRD)),
    (Not(Phrase((FIRST,), (0,))), (Phrase((FIRST,), (0,)),)),
    (SOURCE, ()),
    (DateRange(None, None, unknown=True), ()),
    (MatchAll(), ()),
    (MatchNone(), ()),
]
"""One node of each type, with its children."""
NODES = [node for node, _ in CHILDREN]
TREE = And((Or((AtLeast(FIRST, 2), Not(Phrase((SECOND, THIRD), (0, 1))))), SOURCE))


def numbered_anew(node: Node) -> Node:
    return Term(node.text, node.word + 10, node.alternatives) if isinstance(node, Term) else MatchNone()


def test_the_table_has_every_type_of_node() -> None:
    assert sorted(type(node).__name__ for node in NODES) == sorted(kind.__name__ for kind in typing.get_args(Node))


@pytest.mark.parametrize(("node", "expected"), CHILDREN)
def test_children_are_in_the_order_of_the_query(node: Node, expected: tuple[Node, ...]) -> None:
    assert children(node) == expected


@pytest.mark.parametrize("node", NODES)
def test_children_are_replaced_and_all_else_remains(node: Node) -> None:
    changed = map_children(node, numbered_anew)
    assert children(changed) == tuple(map(numbered_anew, children(node)))
    original = iter(children(node))
    assert map_children(changed, lambda _: next(original)) == node


@pytest.mark.parametrize("node", [AtLeast(FIRST, 2), Phrase((FIRST, SECOND), (0, 1)), Near((FIRST, SECOND), 3)])
def test_a_node_that_is_no_term_cannot_stand_in_a_phrase(node: Node) -> None:
    with pytest.raises(TypeError, match="MatchAll"):
        map_children(node, lambda _: MatchAll())


def test_a_walk_yields_parents_first_in_the_order_of_the_query() -> None:
    either = TREE.children[0]
    assert list(walk(TREE)) == [
        TREE,
        either,
        AtLeast(FIRST, 2),
        FIRST,
        Not(Phrase((SECOND, THIRD), (0, 1))),
        Phrase((SECOND, THIRD), (0, 1)),
        SECOND,
        THIRD,
        SOURCE,
    ]


def test_a_walk_yields_the_nodes_it_stops_at_and_nothing_below_them() -> None:
    found = list(walk(TREE, stop_at=(Not, AtLeast)))
    assert found == [TREE, TREE.children[0], AtLeast(FIRST, 2), Not(Phrase((SECOND, THIRD), (0, 1))), SOURCE]
    assert list(walk(TREE, stop_at=(And,))) == [TREE]


def decisions() -> Iterator[tuple[str, ast.match_case]]:
    """Yield each `match` over types of nodes in the product and the reference engine: its place and its last case."""
    names = {kind.__name__ for kind in typing.get_args(Node)}
    for path in sorted([*ROOT.glob("search/**/*.py"), *ROOT.glob("web/**/*.py"), ROOT / "tests/engines/reference.py"]):
        for found in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(found, ast.Match):
                patterns = [part for case in found.cases for part in ast.walk(case.pattern)]
                kinds = {ast.unparse(part.cls) for part in patterns if isinstance(part, ast.MatchClass)}
                if kinds & names:
                    yield f"{path.relative_to(ROOT)}:{found.lineno}", found.cases[-1]


def test_every_match_over_nodes_ends_in_assert_never() -> None:
    """So that mypy reports it when a type of node is added."""
    found = dict(decisions())
    assert len(found) > 10, "the search for them works"
    endings = {place: ast.unparse(case) for place, case in found.items()}
    assert {place for place, case in endings.items() if "assert_never(" not in case} == set()
