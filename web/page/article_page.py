"""The page of one article: its unchanged text with advertising lines marked, and its metadata with the evidence."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from index.document import Document
from index.schema import NAME_FIELDS, PUBLISHED, FacetField
from search.snippet import heading_span
from web import dates, labels
from web.bidi import direction, plain
from web.config import Config
from web.links import API_ARTICLES, article_path, web_url
from web.page.views import basis_note
from web.shortening import MAX_TAB_TITLE, shortened


@dataclasses.dataclass(frozen=True, slots=True)
class Fact:
    """One row of an article's metadata."""

    label: str
    value: str
    note: str = ""
    evidence: tuple[str, ...] = ()
    """The words of the article that the value was taken from."""
    machine: str = ""
    """The value in ISO 8601 if it is a date, else empty."""
    href: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Paragraph:
    """One line of an article; `teaser` if it advertises another article."""

    text: str
    direction: str
    teaser: bool


@dataclasses.dataclass(frozen=True, slots=True)
class ArticleView:
    """Everything that the template of an article shows."""

    title: str
    tab_title: str
    """The title in the browser's tab: at most `MAX_TAB_TITLE` code points, without direction controls."""
    title_direction: str
    title_note: str
    paragraphs: tuple[Paragraph, ...]
    facts: tuple[Fact, ...]
    json_href: str


def article_view(document: Document, config: Config) -> ArticleView:
    """Return the view of an article."""
    heading = heading_span(document.text, document.teasers)
    title = document.title or document.text[heading.start : heading.end]
    return ArticleView(
        title=title,
        tab_title=shortened(plain(title), MAX_TAB_TITLE),
        title_direction=direction(title),
        title_note="" if document.title else "بلا عنوان؛ هذه أولى كلماته",
        paragraphs=tuple(_paragraphs(document)),
        facts=tuple(_facts(document, config)),
        json_href=API_ARTICLES + article_path(document.id),
    )


def _paragraphs(document: Document) -> Iterator[Paragraph]:
    start, first = 0, True
    title, teasers = document.title.strip(), document.teasers
    passed = 0  # teasers that end before this line: both ascend
    for line in document.text.splitlines(keepends=True):
        end = start + len(line)
        text = line.strip()
        # A title repeated as the first line of the text is shown once, as the title.
        while passed < len(teasers) and teasers[passed].end <= start:
            passed += 1
        if text and not (first and text == title):
            teaser = passed < len(teasers) and teasers[passed].start < end
            yield Paragraph(text, direction(text), teaser)
        first = first and not text
        start = end


def _facts(document: Document, config: Config) -> Iterator[Fact]:
    words: dict[str, list[str]] = {}
    for entry in document.evidence:
        words.setdefault(entry.field, []).append(entry.words)
    source = config.names.name(document.source) if document.source else labels.UNKNOWN
    yield Fact(
        labels.FACETS[FacetField.SOURCE], source, basis_note(document.source_basis), tuple(words.get("source", ()))
    )
    yield Fact(
        labels.PUBLISHED,
        dates.date_and_time(document.published, config.zone, config.digits) if document.published else labels.UNKNOWN,
        basis_note(document.published_basis),
        tuple(words.get(PUBLISHED, ())),
        machine=dates.machine(document.published, config.zone) or "",
    )
    for facet, name in NAME_FIELDS.items():
        if value := getattr(document, name):
            yield Fact(labels.FACETS[facet], value)
    if document.agencies:
        # Most articles cite an agency by the name that the page shows; that name is no evidence worth repeating.
        evidence = tuple(word for word in dict.fromkeys(words.get("agency", ())) if word not in document.agencies)
        yield Fact(labels.FACETS[FacetField.AGENCY], "، ".join(document.agencies), evidence=evidence)
    if document.url:
        yield Fact("الأصل", document.url, href=web_url(document.url) or "")
    yield Fact("المعرّف", document.id)
