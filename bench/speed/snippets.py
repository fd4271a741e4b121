"""Cost of passages and their invariants: `python -m bench.speed.snippets FILE.jsonl.gz [--articles N] [--queries N]`.

Takes real articles and words in a row from their titles, finds the articles that have most of the words, and times what
makes a page's hits of an engine's: title, marks and snippets, then the forms and the level. Then the shapes that a
careless article, or a hostile one, brings: five megabytes, up to 400,000 matches. Everything that is timed is checked:
marks cover whole tokens, snippets are slices of bounded length that do not overlap, and counts add up.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import os
import random
import re
import statistics
import sys
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from index.analysis.pipeline import Analyzer, load_analyzer
from index.analysis.tokenizer import token_pattern
from index.analysis.tokens import AnalyzedText, Word
from index.document import Document, Span, StoredDocument, TokenOffsets
from index.schema import CLOSENESS, LEVEL_OF_FIELD, Level, Section, TokenField
from index.sources import ArticleReader
from search.engine import EngineHit, MatchPosition
from search.hits import HitBuilder
from search.results import Hit
from search.snippet import MAX_LENGTH, passages

SEED = 20261121
"""Of the choice of queries: the same ones on every run."""
PAGE = 10
"""Hits that a query is asked for."""
REPEATS = 5
"""Times that each hit is made; the quickest counts, so that what else the machine does tells less."""
LARGE = 5_000_000
"""Code points of the hostile shapes."""
KING, MINISTER = "الملك", "الوزير"
PROSE = (
    f"وقال {KING} في كلمة ألقاها أمام الحضور مساء أمس، إن بلاده ماضية في طريقها نحو الإصلاح؛ ثم غادر {MINISTER} القاعة"
    " متوجها إلى المطار يرافقه عدد من كبار المسؤولين.\n"
)


@dataclasses.dataclass(frozen=True, slots=True)
class Article:
    """An article as the index holds it."""

    document: Document
    sections: dict[Section, AnalyzedText]

    def stored(self, *, arrays: bool = False) -> StoredDocument:
        """Return it as an engine gives it back; with `arrays` its offsets are numpy's, as mapped files give them."""
        return StoredDocument(self.document, {name: _offsets(text, arrays) for name, text in self.sections.items()})


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """A query and the hits of its first page."""

    words: tuple[Word, ...]
    hits: tuple[tuple[EngineHit, Article], ...]


def main() -> None:
    """Print the figures as a Markdown table."""
    options = _options()
    print(f"machine: {os.cpu_count()} cores, Python {sys.version.split()[0]}; data: {options.data.name}\n")
    analyzer = load_analyzer()
    articles = list(_articles(analyzer, options.data, options.articles))
    asked = list(_asked(articles, options.queries))
    hits = [hit for query in asked for hit, _ in query.hits]
    tokens = statistics.mean(len(article.sections[Section.BODY]) for query in asked for _, article in query.hits)
    matched = statistics.mean(len(hit.matches) for hit in hits)
    print(f"{len(asked)} queries, {len(hits)} hits: {tokens:.0f} tokens and {matched:.1f} matches each.\n")
    print("| µs for a hit | median | mean | p95 | p99 |\n|---|---|---|---|---|")
    for name, times in _real(analyzer, asked):
        cuts = statistics.quantiles(times, n=100)
        print(f"| {name} | {cuts[49]:.1f} | {statistics.mean(times):.1f} | {cuts[94]:.1f} | {cuts[98]:.1f} |")
    print("\n| 5 MB | matches | passages, ms | hit, ms |\n|---|---|---|---|")
    for shape in _shapes():
        matches, alone, whole = _large(analyzer, shape)
        print(f"| {shape.name} | {matches:,} | {alone:.1f} | {whole:.1f} |")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    default = os.environ.get("JUDHUR_DATA")
    parser.add_argument("data", type=Path, nargs=None if default is None else "?", default=default and Path(default))
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--queries", type=int, default=300)
    return parser.parse_args()


def _articles(analyzer: Analyzer, data: Path, count: int) -> Iterator[Article]:
    read = [item for item in ArticleReader([data], zone=ZoneInfo("Asia/Riyadh")) if isinstance(item, Document)]
    for document in random.Random(SEED).sample(read, min(count, len(read))):  # noqa: S311 - a draw, not a secret
        yield Article(
            document, {Section.TITLE: analyzer.analyze(document.title), Section.BODY: analyzer.analyze(document.text)}
        )


def _offsets(text: AnalyzedText, arrays: bool) -> TokenOffsets:  # noqa: FBT001 - of two kinds of offsets
    if not arrays:
        return TokenOffsets(text.starts, text.ends)
    return TokenOffsets(np.asarray(text.starts), np.asarray(text.ends))


def _asked(articles: Sequence[Article], count: int) -> Iterator[Asked]:
    """Yield queries of one to four content words in a row from titles, with the articles that have most of them."""
    chance = random.Random(SEED)  # noqa: S311 - as above
    holders = _holders(articles)
    while count:
        title = chance.choice(articles).sections[Section.TITLE].words
        content = [word for word in title if not word.stop]
        if not content:
            continue
        begin = chance.randrange(len(content))
        words = tuple(content[begin : begin + chance.randint(1, 4)])
        found: Counter[int] = Counter()
        for word in words:
            found.update({number for term in _terms(word) for number in holders.get(term, ())})
        best = sorted(found, key=lambda number: (-found[number], number))[:PAGE]
        yield Asked(words, tuple((_hit(articles[number], words), articles[number]) for number in best))
        count -= 1


def _holders(articles: Sequence[Article]) -> dict[tuple[TokenField, str], set[int]]:
    holders: dict[tuple[TokenField, str], set[int]] = {}
    for number, article in enumerate(articles):
        for word in {word for text in article.sections.values() for word in text.words}:
            for term in _terms(word):
                holders.setdefault(term, set()).add(number)
    return holders


def _terms(word: Word) -> list[tuple[TokenField, str]]:
    return [(term.field, term.text) for term in word.terms if term.field is not TokenField.WRITTEN]


def _hit(article: Article, words: Sequence[Word]) -> EngineHit:
    """Return the hit that an engine finds: each token once, under the word that it stands closest to."""
    asked = [dict.fromkeys(_terms(word)) for word in words]
    matches = []
    for section, text in article.sections.items():
        for position, word in enumerate(text.words):
            found = [
                (CLOSENESS[LEVEL_OF_FIELD[term[0]]], number, LEVEL_OF_FIELD[term[0]])
                for number, terms in enumerate(asked)
                for term in _terms(word)
                if term in terms
            ]
            if found:
                _, number, level = min(found)
                matches.append(MatchPosition(section, position, number, level))
    return EngineHit(article.document.id, 1.0, complete=True, matches=tuple(matches))


def _real(analyzer: Analyzer, asked: Sequence[Asked]) -> Iterator[tuple[str, list[float]]]:
    for query in asked:
        builder = HitBuilder(query.words, analyzer)
        for hit, article in query.hits:
            made = builder.hit(hit, article.stored())
            assert made == builder.hit(hit, article.stored(arrays=True)), article.document.id
            _check(made, hit, article.stored())
    for name, arrays in (("title, marks, snippets", False), ("the same, offsets as numpy arrays", True)):
        stored = [[article.stored(arrays=arrays) for _, article in query.hits] for query in asked]
        yield (
            name,
            [
                _timed(lambda: passages(its, hit.matches))  # noqa: B023 - called at once
                for query, page in zip(asked, stored, strict=True)
                for (hit, _), its in zip(query.hits, page, strict=True)
            ],
        )
    stored = [[article.stored() for _, article in query.hits] for query in asked]
    yield (
        "the whole hit, as the service gives it",
        [
            _timed(lambda: _page(analyzer, query, page)) / len(page)  # noqa: B023 - called at once
            for query, page in zip(asked, stored, strict=True)
        ],
    )


def _page(analyzer: Analyzer, query: Asked, stored: Sequence[StoredDocument]) -> list[Hit]:
    builder = HitBuilder(query.words, analyzer)
    return [builder.hit(hit, its) for (hit, _), its in zip(query.hits, stored, strict=True)]


def _timed(make: Callable[[], object]) -> float:
    """Return microseconds: the quickest of a few calls."""
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter_ns()
        make()
        times.append((time.perf_counter_ns() - began) / 1000)
    return min(times)


def _check(made: Hit, hit: EngineHit, article: StoredDocument) -> None:
    """Assert what every hit promises."""
    text = article.document.text
    found = [match for match in hit.matches if match.section is Section.BODY]
    places = article.offsets[Section.BODY]
    forms = {text[places.starts[match.position] : places.ends[match.position]] for match in found}
    cursor = shown = 0
    for snippet in made.snippets:
        assert 0 < len(snippet.text) <= MAX_LENGTH, article.document.id
        cursor = text.index(snippet.text, cursor) + len(snippet.text)
        for mark in snippet.marks:
            assert snippet.text[mark.start : mark.end] in forms, article.document.id
        shown += len(snippet.marks)
    if made.snippets:
        assert shown + made.snippets[-1].more == len(found), article.document.id
    for mark in made.title_marks:
        assert 0 <= mark.start < mark.end <= len(made.title), article.document.id


def _large(analyzer: Analyzer, shape: Shape) -> tuple[int, float, float]:
    """Return the number of matches, milliseconds of the passages, and of the whole hit."""
    stored = shape.stored()
    words = tuple(analyzer.word(word) for word in shape.words)
    builder = HitBuilder(words, analyzer)
    hit = EngineHit(stored.document.id, 1.0, complete=True, matches=shape.matches(stored))
    _check(builder.hit(hit, stored), hit, stored)
    alone, whole = (
        _timed(make) / 1000 for make in (lambda: passages(stored, hit.matches), lambda: builder.hit(hit, stored))
    )
    return len(hit.matches), alone, whole


@dataclasses.dataclass(frozen=True, slots=True)
class Shape:
    """A very long article and the words that are looked for in it."""

    name: str
    text: str
    words: tuple[str, ...] = (KING, MINISTER)
    title: str = "عنوان"
    teasers: tuple[Span, ...] = ()

    def stored(self) -> StoredDocument:
        """Return it as an engine gives it back."""
        document = Document("1", self.text, title=self.title, teasers=self.teasers)
        return StoredDocument(document, {Section.TITLE: _tokens(self.title), Section.BODY: _tokens(self.text)})

    def matches(self, stored: StoredDocument) -> tuple[MatchPosition, ...]:
        """Return every token that begins with one of the words."""
        sections = {Section.TITLE: self.title, Section.BODY: self.text}
        return tuple(
            MatchPosition(section, position, number, Level.EXACT)
            for section, text in sections.items()
            for position, (start, end) in enumerate(
                zip(stored.offsets[section].starts, stored.offsets[section].ends, strict=True)
            )
            for number, word in enumerate(self.words)
            if text.startswith(word, start, end)
        )


def _tokens(text: str) -> TokenOffsets:
    spans = [match.span() for match in token_pattern().finditer(text)]
    return TokenOffsets(array("I", (start for start, _ in spans)), array("I", (end for _, end in spans)))


def _shapes() -> Iterator[Shape]:
    heading = f"خبر عن {KING}"
    line = f"اقرأ أيضا: {KING} يستقبل الضيوف\n"
    yield Shape("newspaper sentences, 2 matches in 30 words", _filled(PROSE))
    yield Shape("a sentence for each match; another word once, last", _filled(f"{KING} قال. ") + f"جاء {MINISTER}.")
    yield Shape("one line, no sentence ends, every word a match", _filled(f"{KING} {MINISTER} "))
    yield Shape("the same without spaces", _filled(f"{KING}،{MINISTER}،"))
    yield Shape("letters without end", _filled("ملكوت"), ("ملك",))
    yield Shape("white space, then one match", " " * LARGE + KING)
    yield Shape("sentence ends, then one match", _filled("! ") + KING)
    yield Shape("the title on every line", _filled(f"{heading}\n"), title=heading)
    yield Shape("a teaser on every line but the last", _filled(line) + KING, teasers=tuple(_lines(_filled(line))))
    yield Shape("no match, no title", _filled("كلمة "), title="")


def _filled(piece: str) -> str:
    return piece * (LARGE // len(piece))


def _lines(text: str) -> Iterator[Span]:
    ends = array("I", (match.end() for match in re.finditer("\n", text)))
    return (Span(*bounds) for bounds in itertools.pairwise([0, *ends]))


if __name__ == "__main__":
    main()
