"""Properties of the parser that hold for every query text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from hypothesis import example, given
from hypothesis import strategies as st

from search.language.limits import (
    MAX_FILTERS,
    MAX_NESTING,
    MAX_NOTES,
    MAX_PREFIXES,
    MAX_SLOP,
    MAX_STOP_WORDS,
    MAX_TIMES,
    MAX_WORDS,
)
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
)
from search.results import NoteKind
from tests.search.trees import formatted, parse

WORDS = ["مصر", "الكتاب", "في", "و", "أو", "ليس", "AND", "OR", "NOT", "كت*", "ال*", "2025", "ك", "CNN", "أمن/دفاع"]
SIGNS = ["(", ")", '"', "«", "»", "-", "+", "=", "3×", "٣x", "*", "~5", "قرب:5", " ", "\n", "\u200f", "ـ", ".."]
FIELDS = ["العنوان:", "المصدر:", "date:", "جذر:", "lead:", "قرب:", "foo:", "https://"]
FRAGMENTS = st.sampled_from([*WORDS, *SIGNS, *FIELDS])
TEXTS = st.one_of(
    st.lists(FRAGMENTS, max_size=60).map("".join),
    st.lists(FRAGMENTS, max_size=60).map(" ".join),
    st.text(max_size=80),
)


def nodes(node: Node, depth: int = 1) -> Iterator[tuple[Node, int]]:
    """Yield every node of a tree with its depth."""
    yield node, depth
    for child in children(node):
        yield from nodes(child, depth + 1)


def check(text: str) -> None:
    """Fail if the tree of a text exceeds the limits, or breaks a rule of `search/query.py`."""
    parsed = parse(text)
    found = [*nodes(parsed.query)]
    leaves = [node for node, _ in found if isinstance(node, Term | Prefix | FacetFilter | DateRange)]
    words = [node for node in leaves if isinstance(node, Term | Prefix)]
    assert len(words) <= len(parsed.words)
    assert sum(word.stop for word in parsed.words) <= MAX_STOP_WORDS
    assert sum(not word.stop for word in parsed.words) <= MAX_WORDS
    assert len({node.word for node in words}) == len(words), "no two nodes are the same word"
    assert all(node.word < len(parsed.words) for node in words)
    assert sum(isinstance(node, Prefix) for node in leaves) <= MAX_PREFIXES
    assert len(leaves) <= MAX_WORDS + MAX_STOP_WORDS + MAX_FILTERS
    # each leaf, and each pair of parentheses, may have a count, be in an OR and be excluded
    assert len(found) <= 4 * (MAX_WORDS + MAX_STOP_WORDS + MAX_FILTERS) + 1
    assert max(depth for _, depth in found) <= 3 * (MAX_NESTING + 1) + 3
    for node, _ in found:
        promised(node)
    assert len(parsed.notes) <= MAX_NOTES
    assert len({(note.kind, note.text) for note in parsed.notes}) == len(parsed.notes), "no note says the same twice"
    assert all(note.position is None or 0 <= note.position < len(text) for note in parsed.notes)


def promised(node: Node) -> None:
    """Fail if a node breaks a rule of its docstring."""
    match node:
        case And():
            assert len(node.children) > 1
        case Or():
            assert len(node.children) > 1
            assert 1 <= node.minimum < len(node.children)
        case Near():
            assert len(node.terms) > 1
            assert 0 <= node.slop <= MAX_SLOP + MAX_WORDS * 10
        case Phrase():
            assert node.offsets[0] == 0
            assert list(node.offsets) == sorted(set(node.offsets))
        case AtLeast():
            assert 1 <= node.count <= MAX_TIMES
        case Prefix():
            assert node.text
        case Not():
            assert not isinstance(node.child, Not)
        case Term() | FacetFilter() | DateRange() | MatchAll() | MatchNone():
            pass
        case _:
            assert_never(node)


@given(text=TEXTS)
@example(text="(a " * 300)
@example(text=")(" * 300)
@example(text="المصدر:x" + " أو المصدر:x" * 60)
@example(text="-(" * 300 + "مصر")
@example(text="NOT " * 200 + "مصر")
@example(text='"مصر في ' + "في " * 200 + 'السودان"~5')
def test_no_text_raises_and_every_tree_is_within_the_limits(text: str) -> None:
    check(text)


@given(text=TEXTS)
def test_parsing_is_deterministic(text: str) -> None:
    assert parse(text) == parse(text)


@given(fragments=st.lists(FRAGMENTS, max_size=30), data=st.data())
def test_direction_marks_change_nothing(fragments: list[str], data: st.DataObject) -> None:
    plain = " ".join(fragments).replace("\u200f", "")
    offset = data.draw(st.integers(0, len(plain)))
    marked = parse(plain[:offset] + "\u202b\u200f" + plain[offset:])
    assert marked.query == parse(plain).query
    assert [note.kind for note in marked.notes] == [note.kind for note in parse(plain).notes]


OPERANDS = st.sampled_from(
    [
        ("مصر", "مصر"),
        ("-مصر", "-مصر"),
        ("العنوان:حرب", "title:حرب"),
        ("المصدر:(الجزيرة okaz)", "source:(الجزيرة okaz)"),
        ("المقدمة:٣×حرب", "lead:3xحرب"),
        ("جذر:ك ت ب", "root:ك ت ب"),
        ('"حرب البحار" قرب:٣', '"حرب البحار" near:3'),
        ('"حرب" و "سلام"', '"حرب" AND "سلام"'),
        ('قلم ليس "حرب"', 'قلم NOT "حرب"'),
        ("التاريخ:شباط ٢٠٢٤", "date:شباط 2024"),
        ("(مصر أو العنوان:حرب)", "(مصر OR title:حرب)"),
    ]
)
JOINTS = st.sampled_from([(" ", " "), (" أو ", " OR "), (" و المصدر:okaz و ", " AND source:okaz AND ")])


@given(first=OPERANDS, rest=st.lists(st.tuples(JOINTS, OPERANDS), max_size=12))
def test_arabic_and_english_operators_mean_the_same(
    first: tuple[str, str], rest: list[tuple[tuple[str, str], tuple[str, str]]]
) -> None:
    arabic, english = (
        first[language] + "".join(joint[language] + operand[language] for joint, operand in rest) for language in (0, 1)
    )
    assert formatted(parse(arabic).query) == formatted(parse(english).query)


@given(st.lists(st.sampled_from(["مصر", "الكتاب", "في", "من", "على", "مِن", "إلى", "CNN", "+في", "-من"]), max_size=30))
def test_no_stop_word_is_left_out_without_a_note(typed: list[str]) -> None:
    parsed = parse(" ".join(typed))
    named = {word for note in parsed.notes if note.kind is NoteKind.STOP_WORDS for word in note.text.split()}
    left_out = {word.strip("+-") for word in typed} - {"مصر", "الكتاب", "CNN"}
    assert parsed.words or not typed or {note.kind for note in parsed.notes} >= {NoteKind.NOTHING_SEARCHABLE}
    assert named == left_out


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8))
def test_everything_in_quotes_is_a_word(words: list[str]) -> None:
    parsed = parse(f'"{" ".join(words)}"')
    assert isinstance(parsed.query, Phrase | Term) or not parsed.words
    assert not parsed.scored or all(term.alternatives for term, _ in nodes(parsed.query) if isinstance(term, Term))
