"""Searches of every kind that the query language has, drawn from articles."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator, Sequence

from index.analysis.analyzer import Analyzer
from index.document import Document
from index.schema import FacetField
from search.request import SearchRequest, Sort

KINDS = (
    "word", "two words", "three words", "title", "phrase", "exclusion", "either", "prefix", "in the title", "root",
    "as written", "near", "question", "six words", "in the lead",
)  # fmt: skip
_SHORTEST_TITLE, _SHORTEST_BODY = 4, 20


@dataclasses.dataclass(frozen=True, slots=True)
class Search:
    """One search and its kind, one of `KINDS`."""

    kind: str
    request: SearchRequest


def sample_searches(articles: Sequence[Document], analyzer: Analyzer, number: int, seed: int = 5) -> list[Search]:
    """Return `number` searches, of all kinds in turn; fewer if the articles are not enough.

    Every fifth article gives a search within its source, every eleventh one sorted by date, every thirteenth one with
    the recency boost.
    """
    chance = random.Random(seed)  # noqa: S311 - a draw that can be repeated
    return [search for search, _ in zip(_searches(articles, analyzer, chance), range(number), strict=False)]


def _searches(articles: Sequence[Document], analyzer: Analyzer, chance: random.Random) -> Iterator[Search]:
    for index, article in enumerate(articles):
        title = [token.text for token in analyzer.analyze(article.title).tokens() if not token.word.stop]
        body = [token.text for token in analyzer.analyze(article.text).tokens() if not token.word.stop]
        if len(title) < _SHORTEST_TITLE or len(body) < _SHORTEST_BODY:
            continue
        kind = KINDS[index % len(KINDS)]
        request = SearchRequest(text=_text(kind, article, title, body, chance))
        if index % 5 == 1 and article.source:
            request = dataclasses.replace(request, selected={FacetField.SOURCE: (article.source,)})
        if index % 11 == 3:
            request = dataclasses.replace(request, sort=Sort.NEWEST)
        if index % 13 == 3:
            request = dataclasses.replace(request, recency=True)
        yield Search(kind, request)


def _text(kind: str, article: Document, title: Sequence[str], body: Sequence[str], chance: random.Random) -> str:
    word = chance.choice(title)
    at = chance.randrange(len(body) - 6)
    words = article.text.split()
    phrase_start = chance.randrange(max(len(words) - 3, 1))
    texts = {
        "word": word,
        "two words": " ".join(chance.sample(title, 2)),
        "three words": " ".join(chance.sample(title, 3)),
        "title": article.title,
        "phrase": '"{}"'.format(" ".join(words[phrase_start : phrase_start + 3]).replace('"', "")),
        "exclusion": f"{title[0]} -{title[1]}",
        "either": f"{title[0]} أو {title[1]}",
        "prefix": f"{body[at][:4]}*",
        "in the title": f"عنوان:{word}",
        "root": f"جذر:{word}",
        "as written": f"={word}",
        "near": f'~5"{body[at]} {body[at + 2]}"',
        "question": f"ما {title[0]} {' '.join(body[at : at + 4])} ؟",
        "six words": " ".join(body[at : at + 6]),
        "in the lead": f"مقدمة:{word}",
    }
    return texts[kind]
