"""No regular expression of the product backtracks: whatever a query or an article holds, time grows as the text does.

Two proofs of it: from the structure of an expression, that no repetition reads a text in two ways (then it cannot be
exponential), and from running it on texts made for it, that it is quick and linear.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

import pytest

from tests.patterns.ambiguity import ambiguous
from tests.patterns.collection import Collected, collect
from tests.patterns.hostile import METHODS, fault

ROOT = Path(__file__).resolve().parents[1]

AT_ONE_PLACE = (
    "index/sources/agencies.py:after.lead",
    "index/sources/agencies.py:after.place",
    "index/sources/articles.py:_SCHEME",
    "index/sources/lines.py:_openings",
    "search/language/lexer.py:_FIELD",
    "search/language/lexer.py:_NEAR",
    "search/language/prefixes.py:_STAR",
    "search/language/values.py:_RANGE",
)
"""Expressions that are matched at one place of a text, never searched for: they may read to its end and then fail."""

BOUNDED = {
    "index/sources/dates.py:equals": "_LONGEST",
    "index/sources/publishers.py:_JOINTS": "_LONGEST",
}
"""Expressions that are searched for in short texts only, each with the constant of its module that says how short."""

SHORT = 120
"""Code points of a short text: the square of it is nothing."""


@functools.cache
def product() -> Collected:
    return collect(ROOT, "index", "search", "web")


def test_every_expression_of_the_product_is_known() -> None:
    assert product().unknown == ()
    assert len(product().patterns) > 150


@pytest.mark.parametrize("layer", ["index/analysis", "index/sources", "index", "search", "web"])
def test_no_expression_is_slow_on_any_text(layer: str) -> None:
    """Each kind of code point, pairs and triples of them, 1,000 letters, with and without an end that fails."""
    deeper = tuple(f"{other}/" for other in ("index/analysis", "index/sources") if other != layer)
    patterns = [
        one for one in product().patterns if one.place.startswith(f"{layer}/") and not one.place.startswith(deeper)
    ]
    assert patterns
    found = {}
    for one in patterns:
        methods = ("match", "fullmatch") if one.place in AT_ONE_PLACE else METHODS
        if slow := fault(one.compiled(), methods, linear=one.place not in BOUNDED):
            found[one.place] = slow
    assert found == {}, "make the repetition possessive, or let it begin at one place of each run only"


def test_no_repetition_reads_a_text_in_two_ways() -> None:
    found = {one.place for one in product().patterns if ambiguous(one.compiled())}
    assert found == set(), "make the repetition possessive, or its classes disjoint"


@pytest.mark.parametrize("place", AT_ONE_PLACE)
def test_what_is_matched_at_one_place_is_never_searched_for(place: str) -> None:
    file, _, name = place.partition(":")
    searched = rf"\b{name.partition('.')[0]}\b(\(\)|\[\w+\])?\.(search|finditer|findall|sub|subn|split)\("
    assert place in {one.place for one in product().patterns}
    assert not re.search(searched, (ROOT / file).read_text("utf-8"))


@pytest.mark.parametrize(("place", "constant"), BOUNDED.items())
def test_what_is_searched_for_in_short_texts_has_a_bound(place: str, constant: str) -> None:
    assert place in {one.place for one in product().patterns}
    bound = re.search(rf"^{constant} = (\d+)$", (ROOT / place.partition(":")[0]).read_text("utf-8"), re.MULTILINE)
    assert bound
    assert int(bound[1]) <= SHORT


SLOW = {
    "a letter that is a mark too": r'FIELD = re.compile("([^\\W\\d_](?:[^\\W\\d_]|[\u064b-\u065f\u0640])*):")',
    "an apostrophe that is a letter": r'WORD = re.compile("[^\\W\\d_](?:[^\\W\\d_]|[\'\u02bc]){0,240}(?<![\'\u02bc])")',
    "nested repetitions": r'NESTED = re.compile(r"(?:\w+\s*)+:")',
    "alternatives that overlap": r'EITHER = re.compile(r"(?:ab|a|b)*c")',
    "three runs of spaces": r'THREE = re.compile(r"\b\s*:?\s*\"?\s*$")',
    "two runs of words": r'TWO = re.compile(r"x\w*\w*!")',
    "spaces at the end": r'END = re.compile(r"\s+$")',
    "a quotation that never ends": r'QUOTED = re.compile("«[^»]*»")',
    "behind a prefix": r'META = re.compile(r"<meta\s+charset=(?:\w|[^\W_])+\"")',
    "behind another look": r'LOOK = re.compile(r"a(?=.*b)")',
    "bytes": r'BYTES = re.compile(rb"(?:[a-z]|[^\W\d])*=")',
    "in a cached function": "@functools.cache\ndef build():\n    both = 'a|aa'\n    return re.compile(f'({both})+b')",
    "in a class": "class Reader:\n    word = re.compile(r'(?:\\w|[^\\W_])+;')",
    "in a mapping": "RULES = {'before': (re.compile(r'(?:\\w|[^\\W_])+;'),)}",
    "never made": "def late(text):\n    return re.sub(r'(?:\\w|[^\\W_])+;', '', text)",
    "of constants, never made": "A = r'[^\\W\\d]'\ndef late(text):\n    return re.search(f'(?:{A}|{A})+;', text)",
}


@pytest.mark.parametrize("source", SLOW.values(), ids=SLOW)
def test_a_planted_slow_expression_is_found(source: str, tmp_path: Path) -> None:
    found = planted(tmp_path, source)
    assert found.unknown == ()
    (one,) = found.patterns
    assert one.place.startswith("planted/module.py:")
    assert fault(one.compiled())


EXPONENTIAL = [
    r"([^\W\d_](?:[^\W\d_]|[\u064b-\u065f\u0640])*):",
    r"[^\W\d_](?:[^\W\d_]|['\u02bc]){0,240}(?<!['\u02bc])",
    r"(?:a+)+b",
    r"(?:a*)*b",
    r"(?:\w+\s*)+:",
    r"(?:ab|a|b)*c",
    r"(?:x(?:a|a)*y)?",
    r"a(?=(?:b|b)*c)",
    r"(?:(?:a|a)*+b)*c(?:d|d)*e",
    r"(?i:(?:k|[K]x?)*)y",
]


@pytest.mark.parametrize("text", EXPONENTIAL)
def test_a_planted_ambiguity_is_found(text: str) -> None:
    assert ambiguous(re.compile(text))


UNAMBIGUOUS = [
    r"(?:a|b)*c",
    r"(?:\w+\s+)*:",
    r"\s*:?\s*$",
    r"(?:[\W_]|[\u0640\u064e])*+x",
    r"(?:a|b|ab){1,3}c",
    r"(?:ab|ac)*d",
    r"a?a?a?",
]


@pytest.mark.parametrize("text", UNAMBIGUOUS)
def test_what_reads_a_text_in_one_way_is_no_fault(text: str) -> None:
    assert ambiguous(re.compile(text)) == []


QUICK = {
    "a possessive repetition": r'FIELD = re.compile("(?<![\\w\u064b-\u065f])(?:[^\\W\\d_]|[\u064b-\u065f])*+:")',
    "classes that are disjoint": r'EITHER = re.compile(r"(?<![ab])(?:a|b)*+c")',
    "the first space of a run": r'END = re.compile(r"(?<!\s)\s++$")',
    "a quotation within none": r'QUOTED = re.compile("«[^«»]*»")',
    "bounded runs": r'SHORT = re.compile(r"\d{1,3}(?:,\d{3}){1,9}")',
}


@pytest.mark.parametrize("source", QUICK.values(), ids=QUICK)
def test_a_quick_expression_is_no_fault(source: str, tmp_path: Path) -> None:
    (one,) = planted(tmp_path, source).patterns
    assert fault(one.compiled()) == ""


UNKNOWN = {
    "of a value": "def late(name):\n    return re.compile(name + '+')",
    "re under another name": "import re as expressions\nWORD = expressions.compile('a')",
    "a name out of re": "from re import compile as pattern\nWORD = pattern('a')",
}


@pytest.mark.parametrize("source", UNKNOWN.values(), ids=UNKNOWN)
def test_an_expression_that_cannot_be_known_is_reported(source: str, tmp_path: Path) -> None:
    (reason,) = planted(tmp_path, source).unknown
    assert reason.startswith("planted/module.py:")


def planted(root: Path, source: str) -> Collected:
    (root / "planted").mkdir()
    (root / "planted/__init__.py").touch()
    (root / "planted/module.py").write_text(f"import functools\nimport re\n{source}\n", "utf-8")
    return collect(root, "planted")
