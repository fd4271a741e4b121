"""Texts of one thing, through every step from a file to a page: time grows as the text does.

A step is measured by the CPU time of this process, for a text and for one of four times its length. What looks too slow
is measured again: other work of a machine makes a step look slow, but not every time.
"""

from __future__ import annotations

import html
import itertools
import json
import time
import zoneinfo
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from index.analysis.installed import load_analyzer
from index.build import add_articles
from index.document import Document
from index.sources import ArticleReader
from tests.watchdog import within
from web.config import Config
from web.serve import ENGINE, build

ZONE = zoneinfo.ZoneInfo("Asia/Riyadh")
LONG, TIMES = 100_000, 4
"""Code points of a long text, 200 kB of Arabic letters, and how many short ones it has."""
GROWTH = 6
"""Times the time of a short text that a long one may take: 4 is linear, 16 is quadratic."""
FLOOR = 0.03
"""Seconds that count for a short text at least: a step that takes less is not compared."""
LIMIT = 20
"""Seconds of CPU time after which a step is not waited for."""

_Text = Callable[[int], str]
_Step = Callable[[], object]


def run(unit: str) -> _Text:
    return lambda length: (unit * (length // len(unit) + 1))[:length]


def around(opening: str, unit: str, closing: str) -> _Text:
    return lambda length: opening + run(unit)(length - len(opening) - len(closing)) + closing


WORDS: Mapping[str, _Text] = {
    "one letter": run("ب"),
    "one Latin letter": run("a"),
    "tatweel": run("ـ"),
    "harakat": run("َ"),
    "letters with marks": run("بَّ"),
    "letters of many kinds": lambda length: "".join(chr(0x628 + (n * n * 7 + n // 3) % 20) for n in range(length)),
    "ligatures of whole formulas": run("ﷺ"),
    "joiners": run("\u200c"),
    "letters and joiners": run("ب\u200d"),
    "zero width spaces": run("\u200b"),
    "overrides": run("\u202e"),
    "isolates": run("\u2066\u2069"),
    "marks on Latin letters": run("a\u0301"),
    "short words": run("في "),
    "one sentence": run("والكتاب الذي كتبه "),
    "sentences": run("كلمة. "),
    "lines": run("كلمة أخرى\n"),
    "hashtags": run("#وسم_طويل "),
    "initials": run("أ."),
    "han": run("漢"),
}
SIGNS: Mapping[str, _Text] = {
    "spaces": run(" "),
    "spaces between words": around("كلمة", " ", "كلمة"),
    "line breaks": run("\n"),
    "quotes": run('"'),
    "guillemets": run("«"),
    "brackets": run("("),
    "braces": run('{"a":'),
    "backslashes": run("\\"),
    "commas": run("،"),
    "dots": run("."),
    "control characters": run("\x01"),
    "digits": run("1"),
    "numbers": run("1,234."),
    "addresses": run("http://example.com/a "),
    "one address": around("http://", "a", ""),
    "hosts": run("ab.com."),
    "e-mail": run("a.b@c.d-"),
}
NEWS: Mapping[str, _Text] = {
    "teasers": run("إقرأ أيضاً\n"),
    "teasers with a headline": run("إقرأ أيضاً: خبر آخر\n"),
    "teasers before a headline": run("إقرأ أيضاً\nعنوان\n"),
    "an agency said": run("وقالت رويترز "),
    "an agency in brackets": run("(رويترز) "),
    "an agency in letters": run("أ ف ب "),
    "an agency that is a name too": run("فارس "),
    "bylines": run("الرياض - واس: "),
    "stated dates": run("التاريخ: 2024-01-01x\n"),
    "a label without end": around("التاريخ:", " ", "2024-01-01"),
    "publishers": run("المصدر: الجزيرة نت\n"),
    "dates": run("12 يناير 2024 "),
}
MARKUP: Mapping[str, _Text] = {
    "less than": run("<"),
    "comments": run("<!--"),
    "declarations": run("<!"),
    "instructions": run("<?"),
    "CDATA": run("<![CDATA["),
    "conditions": run("<![if "),
    "tags without end": run("<p"),
    "closing tags without end": run("</"),
    "titles without end": run("<title"),
    "titles": run("<title>"),
    "scripts": run("<script>"),
    "ends of scripts": run("<script></"),
    "linked data of tags": around('<script type="application/ld+json">', "<", "</script>"),
    "linked data of quotes": around('<script type="application/ld+json">', '\\"', "</script>"),
    "linked data without values": around('<script type="application/ld+json">', '"author":', "</script>"),
    "metadata of tags": around('<meta name="author" content="', "&lt;", '">'),
    "attributes": around("<p", " a=b", ">"),
    "attributes without end": run('<a href="'),
    "attributes in two kinds of quotes": run("<a b='"),
    "attributes without a value": run("<a ="),
    "nested elements": run("<div>"),
    "paragraphs": run("<p>ك"),
    "items": run("<li>ك"),
    "tables": run("<table><tr><td>ك"),
    "ampersands": run("&"),
    "entities": run("&amp;"),
    "entities without end": run("&#"),
    "one long reference": around("&#", "1", ";"),
    "references to no character": run("&#99999999;"),
    "references to surrogates": run("&#xD800;"),
}


class Article:
    """A text in files and in an index, and the steps that lead from there to a page."""

    def __init__(self, folder: Path, text: str, *, markup: bool) -> None:
        folder.mkdir()
        self._folder, self._text = folder, text
        self._indexes = itertools.count()
        self.steps: dict[str, _Step] = {
            "text": self._reading("a.txt", text),
            **(self._markup_steps() if markup else {}),
            "index": self._index,
            "search": lambda: self.get("/api/v1/search?q=خبر"),
            "search by its own words": lambda: self.get("/api/v1/search", q=(text.split() or ["خبر"])[0][:40]),
            "search page": lambda: self.get("/search?q=خبر"),
            "article": lambda: self.get("/api/v1/articles/a"),
            "article page": lambda: self.get("/articles/a"),
        }

    def _markup_steps(self) -> dict[str, _Step]:
        words = f"<p>{'خبر مهم عن الاقتصاد في البلاد اليوم. ' * 8}</p>"
        item = "<item><guid>a</guid><title>خبر {}</title><description>{}</description><author>{}</author></item>"
        escaped = html.escape(self._text)
        feed = "<rss version='2.0'><channel><title>خلاصة</title>{}</channel></rss>"
        return {
            "page": self._reading("body.html", f"<html><body><article>{words}{self._text}</article></body></html>"),
            "head": self._reading("head.html", f"<html><head>{self._text}</head><body>{words}</body></html>"),
            "feed": self._reading("a.xml", feed.format(item.format(escaped, escaped, escaped))),
            "damaged feed": self._reading("b.xml", feed.format(item.format("", self._text, ""))),
        }

    def _reading(self, name: str, content: str) -> _Step:
        path = self._folder / name
        path.write_text(content, "utf-8", newline="")
        return lambda: list(ArticleReader([path], zone=ZONE).read())

    def _index(self) -> None:
        fields = {"id": "a", "title": f"خبر {self._text[: LONG // 20]}", "text": f"{self._text}\nخبر"}
        (self._folder / "a.jsonl").write_text(json.dumps(fields), "utf-8")
        index = str(self._folder / f"index-{next(self._indexes)}")
        add_articles(index, [self._folder / "a.jsonl"], zone=ZONE)
        self.close()
        self._app = build(Config(index=index))

    def get(self, address: str, **arguments: str) -> bytes:
        """Return what the application answers, built over the index of the last step `index`."""
        answer = self._app.test_client().get(address, query_string=arguments or None)
        assert answer.status_code == 200, answer.text[:500]
        return bytes(answer.data)

    def close(self) -> None:
        if hasattr(self, "_app"):
            self._app.extensions[ENGINE].close()


@pytest.fixture(scope="module", autouse=True)
def _warm(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Load libraries and data, which counts for no step."""
    article = Article(tmp_path_factory.mktemp("warm") / "a", "<p>كلمة</p> " * 100, markup=True)
    for step in article.steps.values():
        step()
    article.close()


KINDS = [
    pytest.param(text, markup, id=name)
    for kinds, markup in ((WORDS, False), (SIGNS, False), (NEWS, False), (MARKUP, True))
    for name, text in kinds.items()
]


@pytest.mark.parametrize(("text", "markup"), KINDS)
def test_every_step_takes_linear_time(text: _Text, markup: bool, tmp_path: Path) -> None:  # noqa: FBT001
    short = Article(tmp_path / "short", text(LONG // TIMES), markup=markup)
    long = Article(tmp_path / "long", text(LONG), markup=markup)
    found = {name: times for name in short.steps if (times := growth(short.steps[name], long.steps[name])) > GROWTH}
    short.close()
    long.close()
    assert found == {}, f"times the time for {TIMES} times the text"


def growth(short: _Step, long: _Step) -> float:
    """Return how many times the CPU time of `short` the step `long` takes; many are measured again."""
    runs = [(seconds(short), seconds(long))]
    while _times(runs) > GROWTH and len(runs) < 4:
        runs.append((seconds(short), seconds(long)))
    return _times(runs)


def _times(runs: list[tuple[float, float]]) -> float:
    quick, slow = min(short for short, _ in runs), min(long for _, long in runs)
    return slow / max(quick, FLOOR)


def seconds(step: _Step) -> float:
    began = time.process_time()
    with within(LIMIT):
        step()
    return time.process_time() - began


def busy(pairs: int) -> _Step:
    return lambda: sum(1 for _ in range(pairs))


def test_a_quadratic_step_is_found() -> None:
    length = 1_000
    assert growth(busy(length**2), busy((TIMES * length) ** 2)) > GROWTH
    assert growth(busy(length**2), busy(TIMES * length**2)) <= GROWTH


def read(path: Path, content: str) -> Iterator[Document]:
    path.write_text(content, "utf-8")
    return (item for item in ArticleReader([path], zone=ZONE).read() if isinstance(item, Document))


def test_a_feed_with_a_long_author_or_head_takes_linear_time(tmp_path: Path) -> None:
    """feedparser searches authors for an address, and the lines before the first element for a declaration."""
    author = (
        "<rss version='2.0'><channel><item><guid>a</guid><title>خبر</title><author>{}</author></item></channel></rss>"
    )
    with within(LIMIT):
        (document,) = read(tmp_path / "a.xml", author.format("a" * LONG))
        assert document.author is None
        assert not list(read(tmp_path / "b.xml", f"<?xml version='1.0'?>{chr(10) * LONG}{author.format('a')}"))
        (document,) = read(tmp_path / "c.xml", f"<?xml version='1.0'?>{chr(10) * 100}{author.format('a')}")
        assert document.author == "a"


GIANTS = {
    "of one letter": "ب" * LONG * 5,
    "of letters with marks": "بَّ" * LONG,
    "of ligatures": "ﷺ" * LONG,
    "of joined letters": "ب\u200d" * LONG,
    "of Latin letters": "a" * LONG * 5,
    "of digits": "1" * LONG,
    "of an address": "http://" + "a" * LONG,
}


@pytest.mark.parametrize("word", GIANTS.values(), ids=GIANTS)
def test_a_giant_word_is_found_by_its_first_token_and_shown_in_bounds(word: str, tmp_path: Path) -> None:
    article = Article(tmp_path / "article", word, markup=False)
    article.steps["index"]()
    first = next(load_analyzer().analyze(word).tokens()).text
    for query in ("خبر", first):
        answer = json.loads(article.get("/api/v1/search", q=query))
        (hit,) = answer["hits"]
        assert len(article.get("/search", q=query)) < 400_000
        assert hit["match"]["words"]
        assert all(len(one) <= 255 for one in hit["match"]["words"])
        for snippet in hit["snippets"]:
            assert len(snippet["text"]) <= 300
            assert all(0 <= mark["start"] < mark["end"] <= len(snippet["text"]) for mark in snippet["marks"])
        labels = [value["label"] for facet in answer["facets"] if facet["name"] == "form" for value in facet["values"]]
        assert labels
        assert all(len(label) <= 255 for label in labels)
    page = article.get("/articles/a").decode()
    assert len(page.partition("<title>")[2].partition("</title>")[0]) < 320
    article.close()


def test_evidence_and_addresses_are_bounded(tmp_path: Path) -> None:
    fields = {
        "id": "a",
        "text": f"قال{' ' * LONG}لرويترز{'ـ' * LONG} كلاما.\nالتاريخ:{' ' * LONG}2024-01-01",
        "url": "http://example.com/" + "a" * LONG,
        "source": "جريدة",
        "date_basis": f"source stated: '{'ب' * LONG}'",
    }
    (document,) = read(tmp_path / "a.jsonl", json.dumps(fields))
    assert {entry.field for entry in document.evidence} == {"source", "published", "agency"}
    assert all(len(entry.words) <= 500 and len(entry.value) <= 500 for entry in document.evidence)
    assert document.url is None
