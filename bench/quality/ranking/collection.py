"""Test collections: documents, queries and judgments, read from question sets or derived from news.

A question set is a folder with `corpus.jsonl.gz` (id, text), `queries.tsv`, `qrels.tsv` and `split.tsv` (tune or test).
A news file gives a title → article collection: its titles are the queries, its texts without their titles the
documents; relevant to a title are its article and the wire copies of it.
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
"""Default number of titles drawn from a news file."""
SHORTEST = 100
"""Length in code points of the shortest article whose title becomes a query; shorter ones are captions."""


class Query(NamedTuple):
    """A query and its judgments."""

    id: str
    text: str
    relevant: frozenset[int]
    """Numbers of the relevant documents of the collection."""
    tune: bool
    """Whether the query is in the tune half, on which weights may be chosen; the test half is only measured."""


@dataclasses.dataclass(frozen=True, slots=True)
class Collection:
    """Documents, numbered from 0 in the order of `texts`, and queries with judgments."""

    name: str
    titles: tuple[str, ...]
    """The title of each document; empty if it is not indexed."""
    texts: tuple[str, ...]
    queries: tuple[Query, ...]


class Article(NamedTuple):
    """An article of a news file."""

    id: str
    title: str
    text: str


def read_questions(folder: Path) -> Collection:
    """Return the collection of a question set.

    Raises:
        OSError: a file of the folder is missing.
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
    """Return the articles of a news file that have text."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [Article(row["id"], row.get("title") or "", row["text"]) for row in rows if row.get("text")]


def title_queries(name: str, articles: Sequence[Article], limit: int = QUERIES) -> Collection:
    """Return the collection in which titles are the queries for their articles; the titles are not indexed."""
    copies = wire_copies([article.text for article in articles])
    usable = [
        number for number, article in enumerate(articles) if article.title.strip() and len(article.text) >= SHORTEST
    ]
    queries = tuple(
        Query(
            articles[number].id, articles[number].title, _story(number, copies), _in_tune_half(number, copies, articles)
        )
        for number in _drawn(usable, articles, limit)
    )
    texts = tuple(article.text for article in articles)
    return Collection(f"{name}: title → article", ("",) * len(texts), texts, queries)


def copy_queries(name: str, articles: Sequence[Article], limit: int = QUERIES) -> Collection:
    """Return the collection in which the title of a wire copy is the query for the other copies; titles are indexed.

    A copy with the same title would be too easy, so only copies with other titles are relevant. The articles that
    queries were taken from are removed from the index: their title and text are empty.
    """
    copies = wire_copies([article.text for article in articles])
    relevant = {}
    for number in range(len(articles)):
        story = sorted(_story(number, copies))
        if len(story) > 1 and articles[story[0]].title.strip():
            others = frozenset(other for other in story[1:] if articles[other].title != articles[story[0]].title)
            if others:
                relevant[story[0]] = others
    numbers = _drawn(sorted(relevant), articles, limit)
    left_out = set(numbers)
    queries = tuple(
        Query(
            articles[number].id,
            articles[number].title,
            relevant[number] - left_out,
            _in_tune_half(number, copies, articles),
        )
        for number in numbers
        if relevant[number] - left_out
    )
    indexed = [Article(item.id, "", "") if number in left_out else item for number, item in enumerate(articles)]
    return Collection(
        f"{name}: title → copies",
        tuple(article.title for article in indexed),
        tuple(article.text for article in indexed),
        queries,
    )


def pooled(name: str, sets: Iterable[Collection], others: Iterable[str], limit: int | None = None) -> Collection:
    """Return the questions of several collections over all their documents and the `others`.

    With a `limit` only that many of the questions are drawn.
    """
    texts: list[str] = []
    queries: list[Query] = []
    for collection in sets:
        shift = len(texts)
        texts += collection.texts
        queries += [
            query._replace(
                id=f"{collection.name}/{query.id}", relevant=frozenset(number + shift for number in query.relevant)
            )
            for query in collection.queries
        ]
    texts += others
    drawn = sorted(queries, key=lambda query: _digest(query.id))[:limit]
    return Collection(name, ("",) * len(texts), tuple(texts), tuple(drawn))


def late_answers(name: str, sets: Iterable[Collection], openings: Sequence[str]) -> Collection:
    """Return the questions of several collections over long documents in which the answer comes late.

    About half of the paragraphs follow an opening on another subject, the others precede it. Only questions on the
    former are kept, so that the documents with the answer compete with documents whose beginning is on the subject.
    """
    plain = pooled(name, sets, ())
    late = [_digest(text) % 2 == 0 for text in plain.texts]
    texts = tuple(
        f"{opening}\n{text}" if is_late else f"{text}\n{opening}"
        for text, opening, is_late in zip(plain.texts, _cycled(openings, len(plain.texts)), late, strict=True)
    )
    queries = tuple(query for query in plain.queries if all(late[number] for number in query.relevant))
    return Collection(name, plain.titles, texts, queries)


def _cycled(values: Sequence[str], count: int) -> list[str]:
    return [values[number % len(values)] for number in range(count)]


def _story(number: int, copies: Mapping[int, frozenset[int]]) -> frozenset[int]:
    return copies.get(number, frozenset()) | {number}


def _drawn(numbers: Sequence[int], articles: Sequence[Article], limit: int) -> list[int]:
    """Return at most `limit` of the article numbers, ascending, the same ones on every run."""
    return sorted(sorted(numbers, key=lambda number: _digest(articles[number].id))[:limit])


def _in_tune_half(number: int, copies: Mapping[int, frozenset[int]], articles: Sequence[Article]) -> bool:
    """Return whether an article is in the tune half; all copies of a story are in the same half."""
    return _digest("half of " + min(articles[other].id for other in _story(number, copies))) % 2 == 0


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return [row for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if row]
