"""A search result as the strings and links that the page shows; the template only arranges them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import re
from collections.abc import Mapping
from typing import NamedTuple

from markupsafe import Markup

from index.analysis.analyzer import Analyzer
from index.document import Basis, Document
from index.schema import LADDER, UNKNOWN_VALUE, FacetField
from search import deadline
from search.engine import Histogram, Interval
from search.request import SearchRequest, Sort
from search.results import Hit, SearchResult
from web import dates, labels
from web.bidi import direction, plain
from web.config import Config, Digits
from web.counting import ARTICLES, IN_SOURCES, MORE_PLACES, RESULTS, number
from web.highlight import marked
from web.labels import Reason
from web.links import Links, analyzed, article
from web.page.chips import Chip, chips, listing_chips
from web.page.columns import Column, FacetView, FormsView
from web.page.timeline import Timeline, covered, timeline
from web.paging import has_next, pages
from web.tiers import TierCount, borders, end_of_paging, nothing_counted, tier_counts

EXAMPLES = 5
"""Number of example words offered before the first search."""
_NOTES: Mapping[Basis, str] = {**labels.BASES, Basis.GIVEN: ""}
"""The notes of `basis_note`."""
_WORD = re.compile(r"[\u0621-\u064a]{4,9}")
"""A word that can be an example: 4 to 9 letters, long enough to be specific and short enough for a button."""


@dataclasses.dataclass(frozen=True, slots=True)
class Choice:
    """One option of a closed choice."""

    value: str
    label: str
    href: str
    chosen: bool


class SnippetView(NamedTuple):
    """A passage with its marks."""

    html: Markup
    direction: str
    before: bool
    after: bool
    teaser: bool


class When(NamedTuple):
    """A date in words, in ISO 8601, and a note on how it is known; all empty if it is unknown."""

    words: str
    machine: str
    note: str


class LevelView(NamedTuple):
    """One value of `match=` in the switch."""

    value: str
    up_to: str
    """«حتى», if it counts closer levels too."""
    label: str
    matches: str
    """Number of matches; empty for a search without words."""
    chosen: bool


class TierView(NamedTuple):
    """How many articles a wider level adds, and how many matches it has."""

    added: str
    total: str
    href: str


class HitView(NamedTuple):
    """One result card."""

    href: str
    title: Markup
    title_direction: str
    source: str
    source_note: str
    when: When
    author: str
    section: str
    agencies: tuple[str, ...]
    snippets: tuple[SnippetView, ...]
    more: str
    why: tuple[Reason, ...]
    tier: str
    """Why it is not counted; empty for a match."""
    lacks: str
    """The words that the article does not have; empty if it has all."""
    border: str
    """The heading above this card, if a tier begins with it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Pager:
    """The number of the page and the links to its neighbours."""

    place: str
    prev: str | None
    next: str | None
    end: str
    """That paging ends here although the list goes on; empty elsewhere."""


@dataclasses.dataclass(frozen=True, slots=True)
class SearchView:
    """Everything that the template of the search page shows."""

    request: SearchRequest
    title: str
    summary: str
    tiers: tuple[TierView, ...]
    partial: str
    """Number of listed articles with some of the words; empty if there are none."""
    alone_href: str
    """Address of the list without the tiers; empty if it has none."""
    whole_href: str
    """Address of the list with the tiers, where this one leaves them out; else empty."""
    nothing_counted: str
    """That no article is counted and what is listed instead; empty if some are."""
    notes: tuple[str, ...]
    chips: tuple[Chip, ...]
    listing_chips: tuple[Chip, ...]
    clear_href: str
    levels: tuple[LevelView, ...]
    sorts: tuple[Choice, ...]
    hits: tuple[HitView, ...]
    facets: tuple[FacetView, ...]
    forms: FormsView | None
    arguments: tuple[tuple[str, str], ...]
    """The arguments of this search, for the hidden inputs of forms."""
    timeline: Timeline
    pager: Pager
    first_href: str
    hidden: tuple[tuple[str, str], ...]
    """Parameters that the search form keeps in hidden inputs."""
    filters: str
    """Number of selected values, for the button on narrow screens; empty if there are none."""
    examples: tuple[Choice, ...]
    documents: int
    wider: tuple[Choice, ...]
    """The same search at the wider levels that have more matches."""
    how_href: str
    """Address of the analysis of the query's words."""


@dataclasses.dataclass(frozen=True, slots=True)
class SearchPresenter:
    """Builds the view of one search result."""

    result: SearchResult
    links: Links
    config: Config
    now: dt.datetime
    analyzer: Analyzer

    @property
    def digits(self) -> Digits:
        """The digits of the page."""
        return self.config.digits

    @property
    def histogram(self) -> Histogram:
        """The matches by date; none if they were not counted."""
        return self.result.histogram or Histogram(Interval.DAY, (), 0)

    @property
    def tiers(self) -> list[TierCount]:
        """The tiers after the matches."""
        return tier_counts(self.result)

    def view(self) -> SearchView:
        """Return the view of the whole page."""
        result, links, request = self.result, self.links, self.result.request
        selected = chips(request, links, self.config.names, self.digits)
        column = Column(links, self.config.names, self.digits)
        return SearchView(
            request=request,
            title=plain(request.text),
            summary=self._summary(),
            tiers=tuple(
                TierView(
                    f"+{number(tier.documents, self.digits)} {labels.TIERS[tier.tier]}",
                    number(tier.total, self.digits),
                    links.matched(tier.level),
                )
                for tier in self.tiers
                if tier.level
            ),
            partial=f"+{number(result.partial, self.digits)}" if result.partial and result.lists_tiers else "",
            alone_href=links.listing(further=False) if result.total and result.further and result.lists_tiers else "",
            whole_href=links.listing(further=True) if result.further and not request.further else "",
            nothing_counted="" if result.total or request.page > 1 else nothing_counted(result, self.tiers),
            notes=tuple(labels.note_message(note) for note in result.notes),
            chips=selected,
            listing_chips=listing_chips(request, links),
            clear_href=links.without_filters(),
            levels=tuple(
                LevelView(
                    level.value,
                    *labels.UP_TO[level],
                    number(count, self.digits) if result.words else "",
                    request.match is level,
                )
                for level, count in zip(LADDER, result.levels, strict=True)
            ),
            sorts=self._sorts(),
            hits=self._hits(),
            facets=column.facets(result),
            forms=column.forms(result),
            arguments=tuple(links.arguments()),
            timeline=timeline(self.histogram, links, self.digits),
            pager=self._pager(),
            first_href=links.page(1),
            hidden=tuple(links.hidden()),
            filters=number(len(selected), self.digits) if selected else "",
            examples=self._examples() if not request.text else (),
            documents=result.index.documents,
            wider=tuple(
                Choice(
                    tier.level.value,
                    f"{' '.join(labels.UP_TO[tier.level])}: {RESULTS.phrase(tier.total, self.digits)}",
                    links.matched(tier.level),
                    chosen=False,
                )
                for tier in self.tiers
                if tier.level
            ),
            how_href=analyzed(request.text),
        )

    def _summary(self) -> str:
        result = self.result
        noun = RESULTS if result.request.text else ARTICLES
        words = noun.phrase(result.total, self.digits)
        parts = [words if result.exact else f"نحو {words}"]
        if result.total and (sources := self._sources()):
            parts.append(sources)
        text = " ".join(parts)
        time = covered(self.histogram, result.request.dates, self.digits) if result.total else ""
        return f"{text}، {time}" if time else text

    def _sources(self) -> str:
        """Return the number of sources in words; empty if a source is unknown or selected."""
        counts = next((counts for counts in self.result.facets if counts.field is FacetField.SOURCE), None)
        if counts is None or counts.field in self.result.request.selected:
            return ""
        values = [entry.value for entry in counts.values if entry.count]
        if UNKNOWN_VALUE in values or not values:
            return ""
        phrase = IN_SOURCES.phrase(len(values) + counts.other, self.digits)
        return phrase if phrase.startswith("في ") else f"في {phrase}"

    def _sorts(self) -> tuple[Choice, ...]:
        request = self.result.request
        # Without words there is no relevance.
        offered = list(Sort) if request.text else [Sort.NEWEST, Sort.OLDEST]
        current = Sort.NEWEST if request.sort is Sort.RELEVANCE and not request.text else request.sort
        boosted = request.recency and current is Sort.RELEVANCE
        choices = [
            Choice(sort.value, labels.SORTS[sort], self.links.sorted(sort), sort is current and not boosted)
            for sort in offered
        ]
        if Sort.RELEVANCE in offered:
            address = self.links.sorted(Sort.RELEVANCE, recency=True)
            choices.insert(1, Choice("recency", labels.RECENCY, address, boosted))
        return tuple(choices)

    def _hits(self) -> tuple[HitView, ...]:
        headings = borders(self.result, self.tiers, self.digits)
        return tuple(self._hit(hit, heading) for hit, heading in zip(self.result.hits, headings, strict=True))

    def _hit(self, hit: Hit, border: str) -> HitView:
        deadline.check()
        document = hit.document
        more = sum(snippet.more for snippet in hit.snippets)
        return HitView(
            href=article(document.id),
            title=marked(hit.title, hit.title_marks),
            title_direction=direction(hit.title),
            source=self.config.names.name(document.source) if document.source else "",
            source_note=basis_note(document.source_basis),
            when=when(document, self.now, self.digits),
            author=document.author or "",
            section=document.section or "",
            agencies=document.agencies,
            snippets=tuple(
                SnippetView(
                    marked(snippet.text, snippet.marks),
                    direction(snippet.text),
                    snippet.before,
                    snippet.after,
                    snippet.field == "teaser",
                )
                for snippet in hit.snippets
            ),
            more=_more(MORE_PLACES.phrase(more, self.digits)) if more else "",
            why=tuple(labels.reasons(hit.match)),
            tier=labels.TIERS[hit.match.tier],
            lacks=labels.lacks(hit.match),
            border=border,
        )

    def _pager(self) -> Pager:
        result, page = self.result, self.result.request.page
        following, whole = has_next(result), result.reachable == result.listed
        of = f" من {number(pages(result), self.digits)}" if whole else ""
        return Pager(
            place=f"صفحة {number(page, self.digits)}{of}",
            prev=self.links.page(page - 1) if page > 1 and result.request.per_page else None,
            next=self.links.page(page + 1) if following else None,
            end="" if whole or following or not result.hits else end_of_paging(result, self.digits),
        )

    def _examples(self) -> tuple[Choice, ...]:
        words = _example_words([hit.title for hit in self.result.hits], self.analyzer)
        return tuple(Choice(word, word, self.links.worded(word), chosen=False) for word in words)


def _example_words(titles: list[str], analyzer: Analyzer) -> list[str]:
    """Return words of the newest titles, so that each of them matches: those of the most titles first.

    Of equally frequent words those with the definite article come first: they are nouns or adjectives, which are more
    specific than the verb that opens most titles.
    """
    seen: dict[str, int] = {}
    for title in titles:
        for word in dict.fromkeys(_WORD.findall(title)):
            seen[word] = seen.get(word, 0) + 1
    ranked = sorted(seen, key=lambda word: (-seen[word], not word.startswith("ال")))
    telling = (word for word in ranked if not any(found.stop for found in analyzer.analyze(word).words))
    return list(itertools.islice(telling, EXAMPLES))


def when(document: Document, now: dt.datetime, digits: Digits) -> When:
    """Return the date of an article for a card."""
    if document.published is None:
        return When("", "", "")
    zone = now.tzinfo or dt.UTC
    return When(
        words=dates.published(document, now, digits),
        machine=dates.machine(document.published, zone) or "",
        note=basis_note(document.published_basis),
    )


def _more(places: str) -> str:
    """Return «+٣ مواضع أخرى», or «وموضعان آخران» if the phrase has no digit."""
    return f"+{places}" if places[0].isdigit() else f"و{places}"


def basis_note(basis: Basis | None) -> str:
    """Return the note on how a metadata value is known; empty if it was given with the article."""
    return _NOTES[basis] if basis else ""
