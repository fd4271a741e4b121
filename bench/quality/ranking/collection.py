"""Collections: texts, queries and the judgments that join them, read from question sets and made from news.

A question set is a folder with `corpus.jsonl.gz` (id, text), `queries.tsv`, `qrels.tsv` and `split.tsv` (tune or
test). A news file gives a title → article set: its titles are the queries, its texts without their titles the
documents, and an article with its wire copies is what each title looks for.
"""

from __future__ import annotations

import csv
import dataclasses
import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.quality.ranking.copies import wire_copies

QUERIES = 1000
"""Titles drawn from a news file, unless more are asked for."""
SHORTEST = 100
"""Code points of an article that its title can be asked for; a shorter one is a caption."""


class Query(NamedTuple):
    """What is asked, and what answers it."""

    id: str
    text: str
    relevant: frozenset[int]
    """Documents of the collection by number."""
    tune: bool
    """Whether weights may be chosen by it; the test half is only measured."""


@dataclasses.dataclass(frozen=True, slots=True)
class Collection:
    """Documents by number, and queries with judgments."""

    name: str
    titles: tuple[str, ...]
    """As many as texts; empty where the title is not indexed."""
    texts: tuple[str, ...]
    queries: tuple[Query, ...]


class Article(NamedTuple):
    """What a title → article set needs of an article."""

    id: str
    title: str
    text: str


def read_questions(folder: Path) -> Collection:
    """Return a question set.

    Raises:
        OSError: a file is missing.
    """
    with gzip.open(folder / "corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    numbers = {row["id"]: number for number, row in enumerate(rows)}
    relevant: dict[str, set[int]] = {}
    for query, document, grade in _rows(folder / "qrels.tsv"):
        if int(grade) > 0:
            relevant.setdefault(query, set()).add(numbers[document])
    halves = {row[0]: row[1] for row in _rows(folder / "split.tsv")}
    queries = tuple(
        Query(query, text, frozenset(relevant[query]), halves[query] == "tune")
        for query, text in _rows(folder / "queries.tsv")
        if query in relevant
    )
    return Collection(folder.name, ("",) * len(rows), tuple(row["text"] for row in rows), queries)


def read_articles(path: Path) -> list[Article]:
    """Return the articles of a news file that have a text."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [Article(row["id"], row.get("title") or "", row["text"]) for row in rows if row.get("text")]


def title_queries(name: str, articles: Sequence[Article], limit: int = QUERIES) -> Collection:
    """Return the set in which titles look for their articles, whose titles are not indexed."""
    copies = wire_copies([article.text for article in articles])
    able = [
        number for number, article in enumerate(articles) if article.title.strip() and len(article.text) >= SHORTEST
    ]
    queries = tuple(
        Query(articles[number].id, articles[number].title, _story(number, copies), _tunes(number, copies, articles))
        for number in _drawn(able, articles, limit)
    )
    texts = tuple(article.text for article in articles)
    return Collection(f"{name}: title → article", ("",) * len(texts), texts, queries)


def copy_queries(name: str, articles: Sequence[Article], limit: int = QUERIES) -> Collection:
    """Return the set in which the title of a wire copy looks for the other copies; their titles are indexed.

    A copy that bears the very title is no question to a search, so each query is asked for the others only, and the
    article it was taken from is kept out of the index of all queries by an empty title and text.
    """
    copies = wire_copies([article.text for article in articles])
    asked = {}
    for number in range(len(articles)):
        story = sorted(_story(number, copies))
        if len(story) > 1 and articles[story[0]].title.strip():
            others = frozenset(other for other in story[1:] if articles[other].title != articles[story[0]].title)
            if others:
                asked[story[0]] = others
    numbers = _drawn(sorted(asked), articles, limit)
    left_out = set(numbers)
    queries = tuple(
        Query(articles[number].id, articles[number].title, asked[number] - left_out, _tunes(number, copies, articles))
        for number in numbers
        if asked[number] - left_out
    )
    kept = [Article(item.id, "", "") if number in left_out else item for number, item in enumerate(articles)]
    return Collection(
        f"{name}: title → copies",
        tuple(article.title for article in kept),
        tuple(article.text for article in kept),
        queries,
    )


def pooled(name: str, sets: Iterable[Collection], others: Iterable[str], limit: int | None = None) -> Collection:
    """Return the questions of several sets, or some of them, over all their documents and the other texts."""
    texts: list[str] = []
    queries: list[Query] = []
    for each in sets:
        shift = len(texts)
        texts += each.texts
        queries += [
            query._replace(
                id=f"{each.name}/{query.id}", relevant=frozenset(number + shift for number in query.relevant)
            )
            for query in each.queries
        ]
    texts += others
    drawn = sorted(queries, key=lambda query: _digest(query.id))[:limit]
    return Collection(name, ("",) * len(texts), tuple(texts), tuple(drawn))


def late_answers(name: str, sets: Iterable[Collection], openings: Sequence[str]) -> Collection:
    """Return the questions of several sets over long documents whose answer stands late.

    Every other paragraph stands behind an opening of another subject, the rest before it; only questions about the
    former are asked, so that documents whose opening is informative compete with those that answer.
    """
    plain = pooled(name, sets, ())
    late = [_digest(text) % 2 == 0 for text in plain.texts]
    texts = tuple(
        f"{opening}\n{text}" if behind else f"{text}\n{opening}"
        for text, opening, behind in zip(plain.texts, _cycled(openings, len(plain.texts)), late, strict=True)
    )
    queries = tuple(query for query in plain.queries if all(late[number] for number in query.relevant))
    return Collection(name, plain.titles, texts, queries)


def _cycled(values: Sequence[str], count: int) -> list[str]:
    return [values[number % len(values)] for number in range(count)]


def _story(number: int, copies: Mapping[int, frozenset[int]]) -> frozenset[int]:
    return copies.get(number, frozenset()) | {number}


def _drawn(numbers: Sequence[int], articles: Sequence[Article], limit: int) -> list[int]:
    """Return as many of the articles as are asked for, the same ones on every run."""
    return sorted(sorted(numbers, key=lambda number: _digest(articles[number].id))[:limit])


def _tunes(number: int, copies: Mapping[int, frozenset[int]], articles: Sequence[Article]) -> bool:
    """Return the half of an article: that of its story, so that no copy of a tuned query is tested."""
    return _digest("half of " + min(articles[other].id for other in _story(number, copies))) % 2 == 0


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return [row for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if row]
