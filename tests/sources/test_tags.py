"""Tags and text of HTML: what `html.parser` finds in sane markup, and bounds for the rest."""

from __future__ import annotations

import time
from html.parser import HTMLParser

import pytest

from index.sources.markup import stated_dates, text_of
from index.sources.tags import Tag, tokens, unescaped

SANE = [
    "a<b>c</b>",
    "a < b and c > d",
    "<p>a<br/>b<br>c",
    '<p title="a>b">x</p>',
    "<p title='a>b' lang=ar hidden>x</p>",
    "<p title=it's>x</p> <b c='y'>z</b>",
    '<a href=x/>k</a><A HREF="y">l</A>',
    '<a b = "c" d>k</a>',
    '<img src="a" alt="b&gt;c &amp; d"/>e',
    "a<!-- c --><!-- <b> -->b",
    "<!DOCTYPE html><?xml version='1.0'?>x",
    "&amp;&nbsp;&#1593; &#x639; &eacute &copy; &unknown; & &#;",
    '<script>a < b && "</p>"</script>c<style>p > q</style>d',
    "<script src='a'></script>b",
    "</>a</p c='d'>e",
    "<<b>>k",
    "<p<b>k",
    "<1>k <é>l <خبر>",
    "<b\nc='d'\n>e</b\n>",
    "<meta name='date' content='2020-01-02'><time datetime='2020-01-03'>اليوم</time>",
    "",
]


class Reference(HTMLParser):
    """The tags and the text as the standard library finds them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        self.found.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.found.append([data])


def joined(found: list[object]) -> list[object]:
    """Return what was found with adjacent texts joined."""
    result: list[object] = []
    for one in found:
        if isinstance(one, list) and result and isinstance(result[-1], list):
            result[-1] = [result[-1][0] + one[0]]
        else:
            result.append(one)
    return result


def ours(markup: str) -> list[object]:
    found: list[object] = []
    for token in tokens(markup):
        if isinstance(token, Tag):
            found += [(token.name, dict(token.attributes()))] if token.opens else ()
            found += [f"/{token.name}"] if token.closes else ()
        elif token:
            found.append([token])
    return joined(found)


@pytest.mark.parametrize("markup", SANE)
def test_sane_markup_is_read_as_by_the_standard_library(markup: str) -> None:
    reference = Reference()
    reference.feed(markup)
    reference.close()
    assert ours(markup) == joined(reference.found)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("a<!-- b <i>c</i>", "a"),
        ("a<!b", "a"),
        ("a</ b>c", "ac"),
        ("a <b", "a <b"),
        ('a <b c="d', 'a <b c="d'),
        ('a <b c="d>e <i>f</i>', "a e f"),
        ("a<script>b<i>c", "a"),
        ("<![CDATA[a <b>c</b>]]>d", "a cd"),
        ("<script/>a", "a"),
        ("<script src=b/>a</script>c", "c"),
        ("a\n<b>c</b>\nd", "a c d"),
        ("&#99999999999999999999999999999;", "\ufffd"),
    ],
)
def test_broken_markup_has_a_text(markup: str, text: str) -> None:
    assert text_of(markup) == text


def test_of_equal_attributes_the_first_counts() -> None:
    (tag,) = tokens("<a b=1 B=2>")
    assert isinstance(tag, Tag)
    assert tag.attributes() == {"b": "1"}


def test_a_reference_of_thousands_of_digits_is_no_character() -> None:
    assert unescaped("&#" + "1" * 10_000 + ";&#65;&#00065;") == "\ufffdAA"


def test_dates_of_linked_data_come_before_other_names() -> None:
    page = (
        '<meta name="date" content="2020-01-03"><script type="application/ld+json">{"datePublished": "2020-01-02"}'
        '</script><script>{"datePublished": "2020-01-04"}</script>'
        '<meta property="article:published_time" content="2020-01-01">'
    )
    assert list(stated_dates(page)) == ["2020-01-01", "2020-01-02", "2020-01-03"]


@pytest.mark.parametrize(
    "unit",
    [
        "<",
        "<a",
        "</",
        "<!--",
        "<a b='",
        '<a b="',
        "<a b='\"",
        "<a b=\"'>",
        "<a =",
        "<a/",
        "<script>",
        "&#",
        "<![CDATA[",
    ],
)
def test_the_time_grows_as_the_markup_does(unit: str) -> None:
    """A million letters; quadratic time would be hours."""
    began = time.process_time()
    text_of(unit * (1_000_000 // len(unit)))
    text_of(unit * (1_000_000 // len(unit)) + "'>\"")
    assert time.process_time() - began < 20
