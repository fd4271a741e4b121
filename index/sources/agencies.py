"""The news agencies that an article cites, found by name and context.

A name with other meanings (واس, فارس, الأناضول) counts only in a citing context; `data/agencies.csv` lists the contexts
of each variant. Names are whole words; one-letter particles may be attached (وتاس، لرويترز، لـCNN).
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

from index.analysis.arabic.clitics import ARTICLE, CONJUNCTIONS, LI_AND_ARTICLE, PREPOSITIONS
from index.sources.lists import alternatives, rows, words
from index.sources.normalization import PlainText, plain, plain_words

_BEFORE = 60
"""Code points before a name that are examined for its context."""
_AFTER = 40
"""Code points after it."""
_OPENING = "\"'«“”‘(\\["
_CLOSING = "\"'»“”’)\\]"
_PARTICLES = f"[{''.join(CONJUNCTIONS)}]?[{''.join(PREPOSITIONS)}]?"
_WORD = re.compile(r"\w+")
_ANYTHING = re.compile("")


class Citation(NamedTuple):
    """An agency and the words that cite it."""

    name: str
    words: str
    """Exactly as in the article: the name itself, or the whole byline."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Variant:
    name: str
    core: str
    """The plain spelling, without the article if the name has one."""
    has_article: bool
    following: frozenset[str]
    """The words of the core after its first; only the first can have particles and the article in a text."""
    contexts: frozenset[str]

    def occurrences(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield start and end of each occurrence in a plain text that ends at the end of a word."""
        # str.find is many times faster than a pattern that begins with alternative articles
        start = text.find(self.core)
        while start >= 0:
            end = start + len(self.core)
            article = text[max(0, start - len(ARTICLE)) : start] if self.has_article else ""
            is_whole = not self.has_article or article in (ARTICLE, LI_AND_ARTICLE)
            if is_whole and not _WORD.match(text, end, end + 1):
                yield start - len(article), end
                start = text.find(self.core, end)
            else:
                start = text.find(self.core, start + 1)


def cited_agencies(text: str, byline: str = "") -> tuple[Citation, ...]:
    """Return the agencies that a byline («الرياض - واس») names or a text cites, each once, in order of appearance."""
    citations: dict[str, Citation] = {}
    for citation in (*_in_byline(byline), *_in_text(text)):
        citations.setdefault(citation.name, citation)
    return tuple(citations.values())


_BYLINE_PARTS = re.compile('[-–—:/()«»"\N{ARABIC COMMA},]')


@functools.lru_cache(maxsize=1024)  # a newspaper has few distinct bylines
def _in_byline(byline: str) -> tuple[Citation, ...]:
    """Return the agencies that are a whole part of a byline; dashes, colons, brackets and so on separate the parts."""
    parts = (plain(part).strip() for part in _BYLINE_PARTS.split(byline)) if byline else ()
    variants = (_variants()[part] for part in parts if part in _variants())
    return tuple(Citation(variant.name, byline) for variant in variants if variant.contexts & {"any", "place"})


def _in_text(original: str) -> list[Citation]:
    variants = _candidates(plain_words(original))
    if not variants:
        return []
    text = PlainText.of(original)
    cited: list[tuple[int, int, str]] = []
    for variant in variants:
        for start, end in variant.occurrences(text.plain):
            if _is_cited(text.plain, start, end, variant.contexts):
                cited.append((start, end, variant.name))
                break
    words = text.slices((start, end) for start, end, _ in cited)
    found = [(start, Citation(name, one)) for (start, _, name), one in zip(cited, words, strict=True)]
    return [citation for _, citation in sorted(found)]


def _candidates(words: list[str]) -> list[_Variant]:
    """Return the variants that may occur in a text of these words: searching for all would take ten times as long."""
    keys = _listed_words().intersection(words)
    if not keys:
        return []
    listed, present = _variants_by_word(), frozenset(words)
    variants = {variant for word in keys for variant in listed[word]}
    return [variant for variant in variants if variant.following <= present]


def _is_cited(text: str, start: int, end: int, contexts: frozenset[str]) -> bool:
    """Return whether the range is a whole word, in one of the contexts in which the variant counts."""
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
        # Inside quotation marks a particle is a letter of another word («"لواج"»), and (تاس) is also a court.
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
    """Return the patterns of the text before and after a name in each context of agencies.csv, except `any`."""

    def one_of(role: str) -> str:
        return rf"(?<!\w){_PARTICLES}(?:{alternatives(words(role))})"

    agency = rf"{one_of('agency_noun')}(?:\s+(?:{alternatives(words('agency_news'))})(?:\s+\w+){{0,2}})?"
    channel = rf"(?:{one_of('channel_noun')}|{one_of('agency_noun')})"
    to_channel = rf"(?<!\w)\N{{ARABIC LETTER LAM}}(?:{alternatives(words('channel_noun'))})"
    # the first line break of a run of anything but letters, from the letter before it: once for each run
    line = r"(?:\A|[^\W_])(?:(?![\r\n])[\W_])*[\r\n]"
    mark = rf"\b\s*+(?:[{_OPENING}]\s*+)?$"
    return _Rules(
        particles=re.compile(rf"(?:^|[\W_])(?P<particles>{_PARTICLES})$"),
        other_bearer=re.compile(rf"(?<!\w){_PARTICLES}(?:{alternatives(words('other_bearer'))})\b[^\r\n]*$"),
        before={
            "noun": re.compile(agency + mark),
            "channel": re.compile(channel + mark),
            "told": re.compile(rf"(?:{one_of('citing')}\s+{channel}|{to_channel}){mark}"),
            "quoted": re.compile(rf"[{_OPENING}]\s?$"),
            "cited": re.compile(rf"{one_of('citing')}\b\s*+(?::\s*+)?(?:[{_OPENING}]\s*+)?$"),
            "lead": re.compile(r"(?:\A|[\w(«\"“])[^\w(«\"“\r\n]*+[\r\n][^\w(«\"“]*+$"),
            "place": re.compile(rf"{line}(?:[\W_]*+[^\W_]\w*+|[\W_]*_)(?: \w++){{0,2}}\s*+[-–—/:(]\s*+$"),
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
    """Return the variants by plain spelling; names with equal plain spellings share all their contexts."""
    variants: dict[str, _Variant] = {}
    for name, spelling, contexts, _ in rows("agencies"):
        folded = plain(spelling)
        contexts_so_far = variants[folded].contexts if folded in variants else frozenset()
        core = folded.removeprefix(ARTICLE)
        following = frozenset(_WORD.findall(core)[1:])
        all_contexts = contexts_so_far | frozenset(contexts.split())
        variants[folded] = _Variant(name, core, core != folded, following, all_contexts)
    return variants


@functools.cache
def _variants_by_word() -> dict[str, tuple[_Variant, ...]]:
    """Return the variants by a word that occurs in every text that contains them.

    It is the longest word, since many variants begin with the same one («وكالة»); of equally long words, not the first,
    which also occurs with particles.
    """
    listed: dict[str, list[_Variant]] = {}
    leads = [f"{first}{second}" for first in ("", *CONJUNCTIONS) for second in ("", *PREPOSITIONS)]
    with_article = [f"{lead}{ARTICLE}" for lead in leads] + [f"{lead}{LI_AND_ARTICLE}" for lead in ("", *CONJUNCTIONS)]
    for variant in _variants().values():
        first, *following = _WORD.findall(variant.core)
        longest = max((*following, first), key=len)
        attached = [""] if longest in following else with_article if variant.has_article else leads
        for lead in attached:
            listed.setdefault(f"{lead}{longest}", []).append(variant)
    return {word: tuple(variants) for word, variants in listed.items()}


@functools.cache
def _listed_words() -> frozenset[str]:
    return frozenset(_variants_by_word())
