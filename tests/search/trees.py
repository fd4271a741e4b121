"""Parses query texts for tests, and formats trees in one line."""

from __future__ import annotations

from typing import assert_never
from zoneinfo import ZoneInfo

from index.analysis.installed import load_analyzer
from index.schema import LEAD_LENGTH, Section, TokenField
from search.expansion import Expansion
from search.parser import ParsedQuery, Parser
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
)

LABELS = {"aj": "الجزيرة", "sky": "سكاي نيوز عربية"}


def parse(text: str) -> ParsedQuery:
    parser = Parser(load_analyzer(), zone=ZoneInfo("Asia/Riyadh"), labels=LABELS)
    return parser.parse(text, Expansion())


def scope(node: Term | Prefix) -> str:
    if node.within is not None:
        assert (node.sections, node.within) == ((Section.BODY,), LEAD_LENGTH)
        return ".lead"
    return ".title" if node.sections == (Section.TITLE,) else ""


def level(node: Term) -> str:
    """Return the roots that a word is restricted to, or `=` if it is restricted to its written letters."""
    fields = {alternative.field for alternative in node.alternatives}
    if fields == {TokenField.ROOT}:
        return f"[{' '.join(alternative.term for alternative in node.alternatives)}]"
    return "=" if fields == {TokenField.WRITTEN} else ""


def formatted(node: Node | None) -> str:  # noqa: C901, PLR0911, PLR0912 - one line per node type
    """Return a tree in one line: words as typed; `w.title`, `w.lead`, `w[root]` and `w=` are restricted words."""
    match node:
        case None:
            return "-"
        case Term():
            return node.text + level(node) + scope(node)
        case AtLeast():
            return f"{node.count}×{formatted(node.term)}"
        case Prefix():
            return f"{node.text}*{scope(node)}"
        case Near():
            return f'"{" ".join(map(formatted, node.terms))}"~{node.slop}'
        case Phrase():
            gaps = " ".join(
                f"{formatted(term)}@{offset}" for term, offset in zip(node.terms, node.offsets, strict=True)
            )
            return f'"{gaps}"'
        case And():
            return "(" + " & ".join(map(formatted, node.children)) + ")"
        case Or():
            return f"({' | '.join(map(formatted, node.children))})>={node.minimum}"
        case Not():
            return f"!{formatted(node.child)}"
        case FacetFilter():
            return f"{node.field}={','.join(node.values)}"
        case DateRange():
            return f"{node.first or ''}..{node.last or ''}"
        case MatchAll():
            return "*"
        case MatchNone():
            return "none"
        case _:
            assert_never(node)
