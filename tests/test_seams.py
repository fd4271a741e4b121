"""The seams are narrow, and everything below `web/` gets its settings handed in."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
WIDEST = 5
"""Members of a protocol of its own, besides the two methods of a `with` block."""


SEAMS = {
    *("Store", "Maintenance", "Rebuilding", "IndexWriter", "ArticleLookup", "ArticleWriter", "Analyzer"),
    *("Engine", "Searcher", "Candidates", "QueryWords"),
}


def protocols() -> Iterator[ast.ClassDef]:
    for folder in ("index", "search", "web"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef) and any("Protocol" in ast.unparse(base) for base in node.bases):
                    yield node


def test_a_protocol_has_few_members_of_its_own() -> None:
    members = {
        node.name: [item.name for item in node.body if isinstance(item, ast.FunctionDef) and item.name[:2] != "__"]
        for node in protocols()
    }
    assert members.keys() >= SEAMS
    assert {name: found for name, found in members.items() if len(found) > WIDEST} == {}


def test_no_environment_variable_is_read_below_the_web_layer() -> None:
    readers = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for folder in ("index", "search")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    ]
    assert readers == []
