"""The news agencies that an article cites, found by name and by how the name stands.

A name that means something else too (واس, فارس, الأناضول) counts only in a citing context; `data/agencies.csv` says for
each variant in which. Names are whole words; one-letter particles may be attached (وتاس، لرويترز، لـCNN).
"""

from __future__ import annotations

import dataclasses
import functools
import re
from typing import NamedTuple

from index.sources.lists import alternatives, rows, words
from index.sources.spelling import PlainText, plain

_BEFORE = 60
"""Code points before a name that are looked at for its context."""
_AFTER = 40
"""Code points after it."""
_OPENING = "\"'«“”‘(\\["
_CLOSING = "\"'»“”’)\\]"
_ARTICLE = "\N{ARABIC LETTER ALEF}\N{ARABIC LETTER LAM}"
_FOR_THE = "\N{ARABIC LETTER LAM}\N{ARABIC LETTER LAM}"
"""What the article becomes behind the particle li-."""
_FIRST_PARTICLES = "\N{ARABIC LETTER WAW}\N{ARABIC LETTER FEH}"
_SECOND_PARTICLES = "\N{ARABIC LETTER BEH}\N{ARABIC LETTER LAM}\N{ARABIC LETTER KAF}"
_PARTICLES = f"[{_FIRST_PARTICLES}]?[{_SECOND_PARTICLES}]?"
_WORD = re.compile(r"\w+")
_ANYTHING = re.compile("")


class Citation(NamedTuple):
    """An agency and the words that cite it."""

    name: str
    words: str
    """As they stand in the article: the name itself, or the whole byline."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Variant:
    name: str
    core: str
    """A part that every occurrence has; looked for before the pattern, since that is quick."""
    pattern: re.Pattern[str]
    contexts: frozenset[str]


def cited_agencies(text: str, byline: str = "") -> tuple[Citation, ...]:
    """Return the agencies that a byline («الرياض - واس») names or a text cites, each once, in order of appearance."""
    found: dict[str, Citation] = {}
    for citation in (*_in_byline(byline), *_in_text(PlainText.of(text))):
        found.setdefault(citation.name, citation)
    return tuple(found.values())


_BYLINE_PARTS = re.compile('[-–—:/()«»"\N{ARABIC COMMA},]')


def _in_byline(byline: str) -> list[Citation]:
    """Return the agencies that are a whole part of a byline, its parts being set off by dashes, colons, brackets."""
    parts = (plain(part).strip() for part in _BYLINE_PARTS.split(byline)) if byline else ()
    variants = (_variants()[part] for part in parts if part in _variants())
    return [Citation(variant.name, byline) for variant in variants if variant.contexts & {"any", "place"}]


def _in_text(text: PlainText) -> list[Citation]:
    places: list[tuple[int, Citation]] = []
    openings = _variants_by_opening()
    for spelling in {
        spelling for word in openings.keys() & set(_WORD.findall(text.plain)) for spelling in openings[word]
    }:
        variant = _variants()[spelling]
        if variant.core not in text.plain:
            continue
        for match in variant.pattern.finditer(text.plain):
            if _is_cited(text.plain, match.start(), match.end(), variant.contexts):
                there = text.slice(match.start(), match.end())
                places.append((match.start(), Citation(variant.name, there)))
                break
    return [citation for _, citation in sorted(places)]


def _is_cited(text: str, start: int, end: int, contexts: frozenset[str]) -> bool:
    """Tell whether a whole word stands here, and in one of the contexts in which the variant counts."""
    rules = _rules()
    before, after = text[max(0, start - _BEFORE) : start], text[end : end + _AFTER]
    whole = rules.particles.search(before[-3:] if start > len(before[-3:]) else "\n" + before)
    if whole is None or (after and after[0].isalnum()):
        return False
    if "any" in contexts:
        return True
    particles = whole["particles"]
    before = ("\n" if start <= _BEFORE else "") + before[: len(before) - len(particles)]
    if particles or rules.other_bearer.search(before):
        # Inside the marks a particle is a letter of another word («"لواج"»), and (تاس) is a court's name too.
        contexts -= {"quoted", "place"} if _ends_open(before) else set()
    return any(rules.before[context].search(before) and rules.after[context].match(after) for context in contexts)


def _ends_open(before: str) -> bool:
    return _rules().before["quoted"].search(before) is not None


@dataclasses.dataclass(frozen=True, slots=True)
class _Rules:
    particles: re.Pattern[str]
    other_bearer: re.Pattern[str]
    before: dict[str, re.Pattern[str]]
    after: dict[str, re.Pattern[str]]


@functools.cache
def _rules() -> _Rules:
    """Return what stands before and after a name in each context of agencies.csv (`any` aside)."""

    def one_of(role: str) -> str:
        return rf"(?<!\w){_PARTICLES}(?:{alternatives(words(role))})"

    agency = rf"{one_of('agency_noun')}(?:\s+(?:{alternatives(words('agency_news'))})(?:\s+\w+){{0,2}})?"
    channel = rf"(?:{one_of('channel_noun')}|{one_of('agency_noun')})"
    to_channel = rf"(?<!\w)\N{{ARABIC LETTER LAM}}(?:{alternatives(words('channel_noun'))})"
    mark = rf"\b\s*[{_OPENING}]?\s*$"
    return _Rules(
        particles=re.compile(rf"(?:^|[\W_])(?P<particles>{_PARTICLES})$"),
        other_bearer=re.compile(rf"(?<!\w){_PARTICLES}(?:{alternatives(words('other_bearer'))})\b[^\r\n]*$"),
        before={
            "noun": re.compile(agency + mark),
            "channel": re.compile(channel + mark),
            "told": re.compile(rf"(?:{one_of('citing')}\s+{channel}|{to_channel}){mark}"),
            "quoted": re.compile(rf"[{_OPENING}]\s?$"),
            "cited": re.compile(rf"{one_of('citing')}\b\s*:?\s*[{_OPENING}]?\s*$"),
            "lead": re.compile(r"[\r\n][^\w(«\"“]*$"),
            "place": re.compile(r"[\r\n][\W_]*\w+(?: \w+){0,2}\s*[-–—/:(]\s*$"),
        },
        after={
            "noun": _ANYTHING,
            "channel": _ANYTHING,
            "told": _ANYTHING,
            "quoted": re.compile(rf"\s?[{_CLOSING}]"),
            "cited": _ANYTHING,
            "lead": re.compile(r"\s*(?:[-–—]\s*\w+(?: \w+){0,2}\s*)?:"),
            "place": re.compile(r"\s*(?:[-–—:/)]|$|[\r\n])"),
        },
    )


@functools.cache
def _variants() -> dict[str, _Variant]:
    """Return the variants by their plain spelling; spellings that fold to one have the contexts of all."""
    variants: dict[str, _Variant] = {}
    for name, spelling, contexts, _ in rows("agencies"):
        folded = plain(spelling)
        known = variants[folded].contexts if folded in variants else frozenset()
        core = folded.removeprefix(_ARTICLE)
        start = "" if core == folded else f"(?:{_ARTICLE}|{_FOR_THE})"
        variants[folded] = _Variant(
            name, core, re.compile(rf"{start}{re.escape(core)}(?!\w)"), known | frozenset(contexts.split())
        )
    return variants


@functools.cache
def _variants_by_opening() -> dict[str, tuple[str, ...]]:
    """Return the plain spellings of the variants by the words that they can begin with, particles and all.

    One look-up of the words of a text leaves the few variants that it may hold; a search for each would take ten times
    as long.
    """
    openings: dict[str, list[str]] = {}
    leads = [f"{first}{second}" for first in ("", *_FIRST_PARTICLES) for second in ("", *_SECOND_PARTICLES)]
    with_article = [f"{lead}{_ARTICLE}" for lead in leads] + [f"{lead}{_FOR_THE}" for lead in ("", *_FIRST_PARTICLES)]
    for spelling, variant in _variants().items():
        word = _WORD.findall(variant.core)[0]
        for lead in leads if variant.core == spelling else with_article:
            openings.setdefault(f"{lead}{word}", []).append(spelling)
    return {word: tuple(spellings) for word, spellings in openings.items()}
