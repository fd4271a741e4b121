"""Writes docs/tour.md: queries as readers type them, with their results in the articles of this repository.

    python -m scripts.tour                     the page, to standard output
    python -m scripts.tour --index LOCATION    the same queries on another index

The remarks are written by hand; the product writes all other lines. A test compares the page with the output.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote_plus

from index.analysis.installed import load_analyzer
from index.build import add_articles
from search.engines import open_engine
from search.service import SearchService
from web.api import payload
from web.api.shape import SearchShape
from web.config import Config
from web.links import API_SEARCH, Links
from web.parsing import parse

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "tour.md"
ARTICLES = (ROOT / "seeds", ROOT / "tests" / "quality" / "data" / "articles.jsonl")
SHOWN_HITS = 4
SHOWN_FORMS = 6
SHOWN_SOURCES = 3

HEAD = """\
# A tour of {count} queries

Each section shows a query and its results in the {documents} short articles of [seeds/](../seeds) and
[tests/quality/](../tests/quality/data/README.md): the first articles, each with its
[tier](reference/api.md#matches-and-tiers) and the reason for the match, and the forms that the words were found as.
`python -m scripts.tour` writes this page from the output of Judhur; a test compares them.
The reference explains the [levels](reference/fields.md#levels-of-match) and the [signs](reference/query.md).
"""


class Stop(NamedTuple):
    """One query of the tour."""

    query: str
    remark: str
    arguments: str = ""
    """Further parameters, as in a query string."""


STOPS = (
    Stop("بوتين", "A name. It is found with particles too."),
    Stop("اتصال", "The word, with particles, and inflected, is counted. Its family and its root follow in tiers."),
    Stop("الاتصال", "The same word with the article finds the same articles."),
    Stop("اتصال", "All words of the root are counted.", "match=root"),
    Stop("اتصال", "The matches alone: the family and the root are not listed.", "further=0"),
    Stop("الوزراء", "A broken plural finds its singular, and the singular finds the plural."),
    Stop("معلم ينقص المدرسة", "Three words, in other inflections than in the article. A match has all of them."),
    Stop("لبنان", "A name has no root. Articles with لبن are not found."),
    Stop(
        "لبن",
        "The word does not find the name. The adjective of the name has the root in the dictionaries: a tier.",
    ),
    Stop("قوقل", "Variants of a foreign name, at a separate level."),
    Stop("غوغل", "Without variants, a name is found as typed.", "variants=0"),
    Stop("جذر:كتب", "All words of a root, with the forms that were found."),
    Stop("جذر:كتب", "The same root without two of its forms.", "not_form=مكتبا&not_form=مكاتبه"),
    Stop("جذر:كتب", "The same root in one of its forms.", "form=كتب"),
    Stop('"مجلس الوزراء"', "A phrase: these words side by side, as written."),
    Stop('"الوزراء الموازنة"~8', "Words near each other, in any order."),
    Stop("=حكما", "The letters as written: حكما, and not الحكم."),
    Stop("حكم -كأس", "A word, without another word in all its inflections."),
    Stop("جفاف أو سيول", "Either of two words."),
    Stop("(جفاف أو سيول) المزارعين", "Parentheses group the alternatives."),
    Stop("مستشف*", "Words with the same beginning."),
    Stop("2×السد", "A word that occurs at least twice."),
    Stop("العنوان:الهلال", "A word in the title."),
    Stop("المقدمة:ترامب", "A word in the lead."),
    Stop("بوتين التاريخ:2025", "A word and a date."),
    Stop(
        "اتفاق شركات الاتصال على الاندماج",
        "A long query: a part of the words is enough. Articles with fewer are partial matches.",
    ),
    Stop(
        "كم استغرقت المكالمة الهاتفية بين بوتين وترامب؟",
        "A question. Stop words are left out, and a note names them.",
    ),
    Stop("مُكَالَمَةٌ هاتفيّة", "Harakat are ignored."),
    Stop("ادارة", "Forms of hamza find each other."),
    Stop("((الموازنة", "A part that cannot be read is reported and searched as words."),
    Stop("ديناصور", "A word that no article has, and no similar word."),
)


def tour(index: str | None = None) -> str:
    """Return the page for the articles of this repository, or for the index at a location.

    Raises:
        EngineUnavailableError: there is no index at that location, or another version built it.
    """
    if index is not None:
        return _page(Config(index=index))
    with tempfile.TemporaryDirectory() as folder:
        config = Config(index=folder)
        add_articles(config.index, ARTICLES, zone=config.zone)
        return _page(config)


def _page(config: Config) -> str:
    with closing(open_engine(config.index)) as engine:
        service = SearchService(engine, load_analyzer(), zone=config.zone)
        answers = [_answer(service, stop, config) for stop in STOPS]
    head = HEAD.format(count=len(STOPS), documents=answers[0]["index"]["documents"])
    sections = (
        _section(number, stop, answer) for number, (stop, answer) in enumerate(zip(STOPS, answers, strict=True), 1)
    )
    return "\n".join([head, *("\n".join(lines) for lines in sections)])


def _answer(service: SearchService, stop: Stop, config: Config) -> SearchShape:
    arguments = f"q={quote_plus(stop.query)}&{stop.arguments}"
    parameters = parse(arguments, config.names)
    return payload.search_answer(service.search(parameters.request), Links(API_SEARCH, parameters), config)


def _section(number: int, stop: Stop, answer: SearchShape) -> Iterator[str]:
    title = f"`{stop.query}`" + (f" with `{stop.arguments}`" if stop.arguments else "")
    yield f"## {number}. {title}\n"
    yield f"{stop.remark}\n"
    total = answer["total"]
    levels = ", ".join(f"`{level['level']}` {level['value']}" for level in total["levels"])
    yield f"Matches: {total['value']}. With each `match`: {levels}.\n"
    if total["further"]:
        yield f"In tiers: {total['further']}, of these with some of the words: {total['partial']}.\n"
    for note in answer["query"]["notes"]:
        yield f"> {note['message']}\n"
    if answer["hits"]:
        yield "| article | tier | level | why |\n|---|---|---|---|"
        for hit in answer["hits"][:SHOWN_HITS]:
            match = hit["match"]
            why = "؛ ".join(
                filter(None, [match["why"], "، ".join(match["missing"]) and f"ليس فيه: {'، '.join(match['missing'])}"])
            )
            yield f"| {_cell(hit['title'])} | `{match['tier']}` | `{match['level']}` | {_cell(why)} |"
        yield ""
    sources = [
        f"{value['label']} {value['count']}"
        for facet in answer["facets"]
        if facet["type"] == "terms" and facet["name"] == "source"
        for value in facet["values"][:SHOWN_SOURCES]
    ]
    if len(sources) > 1:
        yield f"Sources: {', '.join(sources)}.\n"
    forms = [
        f"{value['label']} {value['count']} (`{value['level']}`)"
        for facet in answer["facets"]
        if facet["type"] == "forms"
        for value in facet["values"][:SHOWN_FORMS]
    ]
    if forms:
        yield f"Forms: {', '.join(forms)}.\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description="Write the tour of queries.")
    options.add_argument("--index", help="search this index instead of the articles of the repository")
    print(tour(options.parse_args().index), end="")  # noqa: T201 - the page is the output
