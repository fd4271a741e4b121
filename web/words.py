"""What `judhur analyze` says of a word: an object for programs, or its way through the steps for readers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TypedDict

from rich.cells import cell_len

from index.analysis.pipeline import Analyzer
from index.analysis.tokens import FieldTerm, Word
from index.schema import TokenField
from web.terminal import Terminal

NO_WORD = "no word in it"

_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class RootShape(TypedDict):
    """One of the roots of a word, with its share among them."""

    root: str
    weight: float


class WordShape(TypedDict):
    """One line of `judhur analyze --jsonl`; what this version has no knowledge of is null or empty."""

    word: str
    folded: str | None
    lemma: str | None
    vocalized: None
    family: str | None
    spelling: str | None
    root: str | None
    roots: list[RootShape]
    clitics: list[str]
    readings: list[None]


def word_answer(text: str, analyzer: Analyzer) -> WordShape:
    """Return what is known of the first word in `text`; without one, all but `word` is null or empty."""
    token = next(analyzer.analyze(text).tokens(), None)
    terms = _by_field(token.word) if token else {}
    return {
        "word": text,
        "folded": token.word.surface if token else None,
        "lemma": _likeliest(terms.get(TokenField.LEMMA)),
        "vocalized": None,
        "family": _likeliest(terms.get(TokenField.FAMILY)),
        "spelling": _likeliest(terms.get(TokenField.SPELLING)),
        "root": _likeliest(terms.get(TokenField.ROOT)),
        "roots": [{"root": term.text, "weight": term.weight} for term in terms.get(TokenField.ROOT, ())],
        "clitics": list(token.word.clitics) if token else [],
        "readings": [],
    }


def word_json(text: str, analyzer: Analyzer) -> str:
    """Return `word_answer` as JSON on one line."""
    return _encoder.encode(word_answer(text, analyzer))


def word_lines(text: str, analyzer: Analyzer, terminal: Terminal) -> Iterator[str]:
    """Yield the lines that show a word's way through the steps: name of the step, rule that fired, word after it."""
    steps = analyzer.steps(text)
    yield terminal.cell(text)
    if not steps:
        yield f"  {NO_WORD}"
    names = max((len(step.name) for step in steps), default=0)
    rules = max((cell_len(step.rule or "-") for step in steps), default=0)
    for step in steps:
        rule = step.rule or "-"
        # The Arabic word last: in the middle it would take the columns around it along, where terminals order text.
        padding = " " * (rules - cell_len(rule))
        yield f"  {step.name:<{names}}  {terminal.cell(rule)}{padding}  {terminal.cell(step.text)}"


def _by_field(word: Word) -> dict[TokenField, list[FieldTerm]]:
    """Return the terms of a word by field, the likeliest first."""
    fields: dict[TokenField, list[FieldTerm]] = {}
    for term in sorted(word.terms, key=_unlikelihood):
        fields.setdefault(term.field, []).append(term)
    return fields


def _unlikelihood(term: FieldTerm) -> float:
    return -term.weight


def _likeliest(terms: Sequence[FieldTerm] | None) -> str | None:
    return terms[0].text if terms else None
