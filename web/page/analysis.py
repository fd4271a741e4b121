"""The analysis of a text as the strings and links that its page shows; the template only arranges them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from index.analysis.analyzer import Analyzer, Explanation, Step
from index.analysis.readings import Reading
from index.analysis.tokens import Token
from index.schema import Level
from web import labels
from web.config import Digits
from web.links import API_ANALYZE, analyzed, word_search
from web.page import rules
from web.pieces import explained, pieces, shown_root
from web.shortening import shortened

_BEFORE_READING = ("written", "surface")


@dataclasses.dataclass(frozen=True, slots=True)
class StepView:
    """One step: its name, the word after it in one or more pieces, the rule, and the search at its match level."""

    label: str
    pieces: tuple[str, ...]
    rule: str
    search: str = ""
    """Address of the search for words that agree with the word up to this step; empty if the step has no level."""
    search_label: str = ""
    joint: str = "+"


@dataclasses.dataclass(frozen=True, slots=True)
class OtherView:
    """A reading other than the likeliest one."""

    weight: str
    lemma: str
    rule: str
    root: str


@dataclasses.dataclass(frozen=True, slots=True)
class WordView:
    """A word and its steps through the analysis."""

    text: str
    weight: str
    """Weight of the reading that is shown; empty if there is only one."""
    steps: tuple[StepView, ...]
    others: tuple[OtherView, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class AnalysisView:
    """Everything that the template of the analysis shows."""

    text: str
    words: tuple[WordView, ...]
    json_href: str
    examples: tuple[tuple[str, str], ...]
    """Example words, with the addresses of their analysis."""


EXAMPLES = ("وبالاتصالات", "الوزراء", "لبنان", "ترمب", "عام")
"""Clitics, a broken plural, a name without a root, a name of several spellings, a word of several readings."""


def analysis_view(text: str, analyzer: Analyzer, digits: Digits) -> AnalysisView:
    """Return the view of the analysis of a text; a repeated word is shown once."""
    words = {token.text: (token, found) for token, found in explained(text, analyzer)}
    return AnalysisView(
        text=text,
        words=tuple(_word(token, found, digits) for token, found in words.values()),
        json_href=analyzed(text, API_ANALYZE) if text.strip() else "",
        examples=tuple((word, analyzed(word)) for word in EXAMPLES),
    )


def _word(token: Token, found: Explanation, digits: Digits) -> WordView:
    readings = found.readings
    best = readings[0] if readings else None
    steps = [*_letters(token, found.steps), *(_reading(best, token) if best else ())]
    return WordView(
        text=shortened(token.text),
        weight=rules.percent(best.weight, digits) if best and len(readings) > 1 else "",
        steps=tuple(steps),
        others=tuple(_others(readings, digits)),
    )


def _letters(token: Token, steps: Sequence[Step]) -> Iterator[StepView]:
    """Yield the steps before the readings: the written word, the folded word, and the stop word rule if it applies."""
    rule_names = [rule for step in steps if step.name in _BEFORE_READING for rule in rules.letter_rules(step.rule)]
    fallback = rules.UNCHANGED if token.word.surface == token.text else rules.UNIFIED
    folded = shortened(token.word.surface)
    yield StepView("كما وردت", (shortened(token.text),), "")
    yield StepView("بعد توحيد الحروف", (folded,), "، ".join(rule_names) or fallback, *_search(token, Level.EXACT))
    for step in steps:
        if step.name == "compound":
            yield StepView("اسم مركّب", (shortened(step.text),), rules.COMPOUND)
        if step.name == "stop":
            yield StepView("لا يُبحث عنها", (folded,), rules.stop_rule(step.rule))


def _reading(reading: Reading, token: Token) -> Iterator[StepView]:
    parts = pieces(reading, token.word)
    yield StepView("الزوائد", parts, rules.clitic_rule(reading, parts), *_search(token, Level.CLITIC))
    if not reading.lemma or reading.source == "counts":
        yield StepView("صورة المعجم", ("—",), rules.SOURCES["counts"])
        return
    dictionary_form = reading.vocalized or reading.lemma
    yield StepView("صورة المعجم", (dictionary_form,), rules.lemma_rule(reading), *_search(token, Level.LEMMA))
    if reading.spelling and reading.spelling != token.word.surface:
        yield StepView("صنف الكتابة", (reading.spelling,), "لهذا الاسم كتابات، وهذه أشهرها")
    if reading.family:
        name, rule = rules.family(reading.family)
        yield StepView("العائلة", (name,), rule, *_search(token, Level.FAMILY))
    if not reading.roots:
        rule = rules.NAME_WITHOUT_ROOT if reading.pos == "name" else rules.WITHOUT_ROOT
        yield StepView("الجذر", ("—",), rule)
        return
    roots = tuple(shown_root(root) for root, _ in reading.roots)
    yield StepView(
        "الجذر", roots, "" if len(roots) == 1 else "أكثر من جذر محتمل", *_search(token, Level.ROOT), joint="أو"
    )


def _search(token: Token, level: Level) -> tuple[str, str]:
    """Return the address of the search for the word up to a level, and the level's name; both empty for a stop word."""
    return ("", "") if token.word.stop else (word_search(token.text, level), labels.LEVELS[level])


def _others(readings: Sequence[Reading], digits: Digits) -> Iterator[OtherView]:
    for reading in readings[1:]:
        yield OtherView(
            rules.percent(reading.weight, digits),
            reading.vocalized or reading.lemma or reading.stem,
            rules.lemma_rule(reading),
            shown_root(reading.roots[0][0]) if reading.roots else "",
        )
