"""Cost and invariants of snippets: `python -m bench.speed.snippets FILE.jsonl.gz [--articles N] [--queries N]`.

Draws consecutive words from titles of real articles, finds the articles that have most of the words, and times how the
hits of an engine become the hits of a page: title, marks and snippets, then forms and level. Then it times degenerate
or hostile articles of five megabytes with up to 400,000 matches. Everything that is timed is checked: marks cover whole
tokens, snippets are slices of bounded length that do not overlap, and counts add up.
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

from index.analysis.analyzer import Analyzer
from index.analysis.arabic.tokenizer import token_pattern
from index.analysis.installed import load_analyzer
from index.analysis.tokens import AnalyzedText, Word
from index.document import Document, Span, StoredDocument, TokenOffsets
from index.schema import CLOSENESS, LEVEL_OF_FIELD, Level, Section, TokenField
from index.sources import ArticleReader
from search.engine import EngineHit, MatchPosition
from search.hits import HitBuilder
from search.levels import Tier
from search.results import Hit
from search.snippet import MAX_LENGTH, passages

SEED = 20261121
"""Seed of the queries, which are the same on every run."""
PAGE = 10
"""Hits of each query."""
REPEATS = 5
"""Repetitions of each measurement; the fastest counts, since it is least affected by other load on the machine."""
LARGE = 5_000_000
"""Code points of the degenerate articles."""
KING, MINISTER = "الملك", "الوزير"
PROSE = (
    f"وقال {KING} في كلمة ألقاها أمام الحضور مساء أمس، إن بلاده ماضية في طريقها نحو الإصلاح؛ ثم غادر {MINISTER} القاعة"
    " متوجها إلى المطار يرافقه عدد من كبار المسؤولين.\n"
)


@dataclasses.dataclass(frozen=True, slots=True)
class Article:
    """An article and its analysis."""

    document: Document
    sections: dict[Section, AnalyzedText]

    def stored(self, *, arrays: bool = False) -> StoredDocument:
        """Return the document as an engine returns it; with `arrays` its offsets are numpy arrays."""
        return StoredDocument(self.document, {name: _offsets(text, arrays) for name, text in self.sections.items()})


@dataclasses.dataclass(frozen=True, slots=True)
class Sample:
    """A query and the hits of its first page."""

    words: tuple[Word, ...]
    hits: tuple[tuple[EngineHit, Article], ...]


def main() -> None:
    """Print the figures as a Markdown table."""
    options = _options()
    print(f"machine: {os.cpu_count()} cores, Python {sys.version.split()[0]}; data: {options.data.name}\n")
    analyzer = load_analyzer()
    articles = list(_articles(analyzer, options.data, options.articles))
    samples = list(_samples(articles, options.queries))
    hits = [hit for query in samples for hit, _ in query.hits]
    tokens = statistics.mean(len(article.sections[Section.BODY]) for query in samples for _, article in query.hits)
    matched = statistics.mean(len(hit.matches) for hit in hits)
    print(f"{len(samples)} queries, {len(hits)} hits: {tokens:.0f} tokens and {matched:.1f} matches each.\n")
    print("| µs for a hit | median | mean | p95 | p99 |\n|---|---|---|---|---|")
    for name, times in _times(analyzer, samples):
        cuts = statistics.quantiles(times, n=100)
        print(f"| {name} | {cuts[49]:.1f} | {statistics.mean(times):.1f} | {cuts[94]:.1f} | {cuts[98]:.1f} |")
    print("\n| 5 MB | matches | passages, ms | hit, ms |\n|---|---|---|---|")
    for shape in _shapes():
        matches, passages_ms, hit_ms = _shape_times(analyzer, shape)
        print(f"| {shape.name} | {matches:,} | {passages_ms:.1f} | {hit_ms:.1f} |")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    default = os.environ.get("JUDHUR_DATA")
    parser.add_argument("data", type=Path, nargs=None if default is None else "?", default=default and Path(default))
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--queries", type=int, default=300)
    return parser.parse_args()


def _articles(analyzer: Analyzer, data: Path, count: int) -> Iterator[Article]:
    documents = [
        item for item in ArticleReader([data], zone=ZoneInfo("Asia/Riyadh")).read() if isinstance(item, Document)
    ]
    drawn = random.Random(SEED).sample(documents, min(count, len(documents)))  # noqa: S311 - a draw, not a secret
    for document in drawn:
        yield Article(
            document, {Section.TITLE: analyzer.analyze(document.title), Section.BODY: analyzer.analyze(document.text)}
        )


def _offsets(text: AnalyzedText, arrays: bool) -> TokenOffsets:  # noqa: FBT001 - chooses the kind of offsets
    if not arrays:
        return TokenOffsets(text.starts, text.ends)
    return TokenOffsets(np.asarray(text.starts), np.asarray(text.ends))


def _samples(articles: Sequence[Article], count: int) -> Iterator[Sample]:
    """Yield queries of one to four consecutive content words from titles, with the articles that have most of them."""
    chance = random.Random(SEED)  # noqa: S311 - as above
    postings = _postings(articles)
    while count:
        title = chance.choice(articles).sections[Section.TITLE].words
        content = [word for word in title if not word.stop]
        if not content:
            continue
        begin = chance.randrange(len(content))
        words = tuple(content[begin : begin + chance.randint(1, 4)])
        matched_words: Counter[int] = Counter()
        for word in words:
            matched_words.update({number for term in _terms(word) for number in postings.get(term, ())})
        best = sorted(matched_words, key=lambda number: (-matched_words[number], number))[:PAGE]
        yield Sample(words, tuple((_hit(articles[number], words), articles[number]) for number in best))
        count -= 1


def _postings(articles: Sequence[Article]) -> dict[tuple[TokenField, str], set[int]]:
    """Return for each term the indices in `articles` of the articles that have it."""
    postings: dict[tuple[TokenField, str], set[int]] = {}
    for number, article in enumerate(articles):
        for word in {word for text in article.sections.values() for word in text.words}:
            for term in _terms(word):
                postings.setdefault(term, set()).add(number)
    return postings


def _terms(word: Word) -> list[tuple[TokenField, str]]:
    unsearched = (TokenField.WRITTEN, TokenField.STOP)
    return [(term.field, term.text) for term in word.terms if term.field not in unsearched]


def _hit(article: Article, words: Sequence[Word]) -> EngineHit:
    """Return the hit of an engine: each matching token once, for the word that it matches at the closest level."""
    query_terms = [dict.fromkeys(_terms(word)) for word in words]
    matches = []
    for section, text in article.sections.items():
        for position, word in enumerate(text.words):
            candidates = [
                (CLOSENESS[LEVEL_OF_FIELD[term[0]]], number, LEVEL_OF_FIELD[term[0]])
                for number, terms in enumerate(query_terms)
                for term in _terms(word)
                if term in terms
            ]
            if candidates:
                _, number, level = min(candidates)
                matches.append(MatchPosition(section, position, number, level))
    return EngineHit(article.document.id, 1.0, tier=Tier.MATCH, matches=tuple(matches))


def _times(analyzer: Analyzer, samples: Sequence[Sample]) -> Iterator[tuple[str, list[float]]]:
    """Yield the name of each measurement and its times in microseconds, after checking all hits."""
    for query in samples:
        builder = HitBuilder(query.words, analyzer)
        for hit, article in query.hits:
            result = builder.hit(hit, article.stored())
            assert result == builder.hit(hit, article.stored(arrays=True)), article.document.id
            _check(result, hit, article.stored())
    for name, arrays in (("title, marks, snippets", False), ("the same, offsets as numpy arrays", True)):
        stored = [[article.stored(arrays=arrays) for _, article in query.hits] for query in samples]
        yield (
            name,
            [
                _timed(lambda: passages(document, hit.matches))  # noqa: B023 - called at once
                for query, page in zip(samples, stored, strict=True)
                for (hit, _), document in zip(query.hits, page, strict=True)
            ],
        )
    stored = [[article.stored() for _, article in query.hits] for query in samples]
    yield (
        "the whole hit, as the service gives it",
        [
            _timed(lambda: _page(analyzer, query, page)) / len(page)  # noqa: B023 - called at once
            for query, page in zip(samples, stored, strict=True)
        ],
    )


def _page(analyzer: Analyzer, query: Sample, stored: Sequence[StoredDocument]) -> list[Hit]:
    builder = HitBuilder(query.words, analyzer)
    return [builder.hit(hit, document) for (hit, _), document in zip(query.hits, stored, strict=True)]


def _timed(call: Callable[[], object]) -> float:
    """Return the microseconds of the fastest of REPEATS calls."""
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter_ns()
        call()
        times.append((time.perf_counter_ns() - began) / 1000)
    return min(times)


def _check(result: Hit, hit: EngineHit, article: StoredDocument) -> None:
    """Assert the invariants of a hit of a page."""
    text = article.document.text
    matches = [match for match in hit.matches if match.section is Section.BODY]
    offsets = article.offsets[Section.BODY]
    forms = {text[offsets.starts[match.position] : offsets.ends[match.position]] for match in matches}
    cursor = marked = 0
    for snippet in result.snippets:
        assert 0 < len(snippet.text) <= MAX_LENGTH, article.document.id
        cursor = text.index(snippet.text, cursor) + len(snippet.text)
        for mark in snippet.marks:
            assert snippet.text[mark.start : mark.end] in forms, article.document.id
        marked += len(snippet.marks)
    if result.snippets:
        assert marked + result.snippets[-1].more == len(matches), article.document.id
    for mark in result.title_marks:
        assert 0 <= mark.start < mark.end <= len(result.title), article.document.id


def _shape_times(analyzer: Analyzer, shape: Shape) -> tuple[int, float, float]:
    """Return the number of matches, the milliseconds of the passages, and those of the whole hit."""
    stored = shape.stored()
    words = tuple(analyzer.analyze(word).words[0] for word in shape.words)
    builder = HitBuilder(words, analyzer)
    hit = EngineHit(stored.document.id, 1.0, tier=Tier.MATCH, matches=shape.matches(stored))
    _check(builder.hit(hit, stored), hit, stored)
    passages_ms, hit_ms = (
        _timed(call) / 1000 for call in (lambda: passages(stored, hit.matches), lambda: builder.hit(hit, stored))
    )
    return len(hit.matches), passages_ms, hit_ms


@dataclasses.dataclass(frozen=True, slots=True)
class Shape:
    """A very long article and the words that are searched in it."""

    name: str
    text: str
    words: tuple[str, ...] = (KING, MINISTER)
    title: str = "عنوان"
    teasers: tuple[Span, ...] = ()

    def stored(self) -> StoredDocument:
        """Return the stored document as an engine returns it."""
        document = Document("1", self.text, title=self.title, teasers=self.teasers)
        return StoredDocument(document, {Section.TITLE: _tokens(self.title), Section.BODY: _tokens(self.text)})

    def matches(self, stored: StoredDocument) -> tuple[MatchPosition, ...]:
        """Return a match for every token that begins with one of the words."""
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
