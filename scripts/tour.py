"""Writes docs/tour.md: queries as readers type them, with what they find in the articles of this repository.

    python -m scripts.tour                  the page, to standard output
    python -m scripts.tour --index PLACE    the same queries on an index of your own

Every line of output is the product's own; only the remarks are written by hand. A test holds the page to this.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote_plus

from index.analysis.pipeline import load_analyzer
from index.build import add_articles
from search.engines import open_engine
from search.service import SearchService
from web import payload
from web.config import Config
from web.params import parse
from web.shape import SearchShape

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "tour.md"
ARTICLES = (ROOT / "seeds", ROOT / "tests" / "quality" / "data" / "articles.jsonl")
SHOWN_HITS = 4
SHOWN_FORMS = 6
SHOWN_SOURCES = 3

HEAD = """\
# A tour of {count} queries

What is typed, and what it finds in the {documents} short articles of [seeds/](../seeds) and
[tests/quality/](../tests/quality/data/README.md): the first articles with the reason that each carries, and the forms
that the words were found as. The output is the product's own: `python -m scripts.tour` writes this page, and a test
holds it to what is found today. Levels are those of [fields](reference/fields.md#levels-of-match), signs those of
[the query](reference/query.md).
"""


class Stop(NamedTuple):
    """One query of the tour."""

    query: str
    remark: str
    arguments: str = ""
    """Further parameters, as in an address."""


STOPS = (
    Stop("بوتين", "A name. Closer forms rank higher; particles do not hide it."),
    Stop("اتصال", "The ladder: the word, then with particles, then its inflections, its family, and last its root."),
    Stop("الاتصال", "With the article typed, the same articles."),
    Stop("اتصال", "Held to inflections, the verbs and the other words of the root are gone.", "match=lemma"),
    Stop("الوزراء", "A broken plural finds its singular, and the other way round."),
    Stop("معلم ينقص المدرسة", "Three words in other inflections than the article's; all of them have to be there."),
    Stop("لبنان", "A name has no root: no article that has only لبن."),
    Stop(
        "لبن", "And the word does not find the name. Its adjective has the root in the dictionaries, so it comes last."
    ),
    Stop("قوقل", "Other spellings of a foreign name, on a rung of their own."),
    Stop("غوغل", "Switched off, a name is found as it is typed.", "variants=0"),
    Stop("جذر:كتب", "All words of a root, and a list of the forms that were found."),
    Stop("جذر:كتب", "The same with a form dropped: offices are no books.", "not_form=مكتبا&not_form=مكاتبه"),
    Stop("جذر:كتب", "Or only the articles that have one form.", "form=كتب"),
    Stop('"مجلس الوزراء"', "A phrase: these words side by side, as they stand."),
    Stop('"الوزراء الموازنة"~8', "Words near each other, in any order."),
    Stop("=حكما", "The letters as they are written: حكما, and not الحكم."),
    Stop("حكم -كأس", "A word without another, in all its inflections."),
    Stop("جفاف أو سيول", "Either of two."),
    Stop("(جفاف أو سيول) المزارعين", "Parentheses hold a choice together."),
    Stop("مستشف*", "The beginning of a word."),
    Stop("2×السد", "A word that stands at least twice."),
    Stop("العنوان:الهلال", "In the title only."),
    Stop("المقدمة:ترامب", "In the first words of the text."),
    Stop("بوتين التاريخ:2025", "A field of the article beside a word."),
    Stop("اتفاق شركات الاتصال على الاندماج", "A long query: most of the words will do; what has fewer comes behind."),
    Stop(
        "كم استغرقت المكالمة الهاتفية بين بوتين وترامب؟",
        "A question. Words that are everywhere are named and left out.",
    ),
    Stop("مُكَالَمَةٌ هاتفيّة", "Harakat make no difference."),
    Stop("ادارة", "Nor does the spelling of hamza."),
    Stop("((الموازنة", "What cannot be read is told, and searched as words."),
    Stop("ديناصور", "What is not there is not made up."),
)


def tour(index: str | None = None) -> str:
    """Return the page over the articles of this repository, or over the index at a place.

    Raises:
        EngineUnavailableError: there is no index at that place, or another version built it.
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
    told = (_told(number, stop, answer) for number, (stop, answer) in enumerate(zip(STOPS, answers, strict=True), 1))
    return "\n".join([head, *("\n".join(lines) for lines in told)])


def _answer(service: SearchService, stop: Stop, config: Config) -> SearchShape:
    arguments = f"q={quote_plus(stop.query)}&{stop.arguments}"
    parameters = parse(arguments, config.names)
    return payload.search_answer(service.search(parameters.request), parameters, config)


def _told(number: int, stop: Stop, answer: SearchShape) -> Iterator[str]:
    asked = f"`{stop.query}`" + (f" with `{stop.arguments}`" if stop.arguments else "")
    yield f"## {number}. {asked}\n"
    yield f"{stop.remark}\n"
    total = answer["total"]
    yield f"Matches: {total['value']}" + (f", further articles: {total['further']}" if total["further"] else "") + ".\n"
    for note in answer["query"]["notes"]:
        yield f"> {note['message']}\n"
    if answer["hits"]:
        yield "| article | level | why |\n|---|---|---|"
        for hit in answer["hits"][:SHOWN_HITS]:
            level = f"`{hit['match']['level']}`" + ("" if hit["match"]["complete"] else ", further")
            yield f"| {_cell(hit['title'])} | {level} | {_cell(hit['match']['why'] or '')} |"
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
    options.add_argument("--index", help="search this index in place of the articles of the repository")
    print(tour(options.parse_args().index), end="")  # noqa: T201 - the page is the output
