"""The analysis of words as JSON: a word by itself, and the tokens of a text."""

from __future__ import annotations

from collections.abc import Sequence

from index.analysis.analyzer import Analyzer, Explanation
from index.analysis.readings import Reading
from index.analysis.tokens import Token
from web.api.shape import AnalyzeShape, ReadingShape, RootShape, StepShape, TokenShape, WordShape
from web.links import API_ANALYZE, PAGE_ANALYZE, analyzed
from web.pieces import explained, shown_steps
from web.shortening import shortened


def word_answer(text: str, analyzer: Analyzer) -> WordShape:
    """Return the analysis of the first word in `text`; without a word, all keys but `word` are null or empty."""
    found = analyzer.explain(text)
    return _answer(text, found.word.surface, found.readings) if found else _answer(text, None, ())


def text_answer(text: str, analyzer: Analyzer) -> AnalyzeShape:
    """Return the answer of `/api/v1/analyze`."""
    return {
        "text": text,
        "tokens": [_token(token, found) for token, found in explained(text, analyzer)],
        "analyzer": {"version": analyzer.version.number, "fingerprint": analyzer.version.fingerprint},
        "links": {"self": analyzed(text, API_ANALYZE), "html": analyzed(text, PAGE_ANALYZE)},
    }


def _token(token: Token, found: Explanation) -> TokenShape:
    steps: list[StepShape] = [{"name": step.name, "text": step.text, "rule": step.rule} for step in shown_steps(found)]
    return {
        "text": token.text,
        "start": token.start,
        "end": token.end,
        "stop": token.word.stop,
        **_answer(token.text, token.word.surface, found.readings),
        "steps": steps,
    }


def _answer(word: str, folded: str | None, readings: Sequence[Reading]) -> WordShape:
    best = readings[0] if readings else None
    return {
        "word": shortened(word),
        "folded": shortened(folded) if folded else folded,
        "lemma": (best.lemma or None) if best else None,
        "vocalized": (best.vocalized or None) if best else None,
        "family": (best.family or None) if best else None,
        "spelling": (best.spelling or None) if best else None,
        "root": _root(best) if best else None,
        "roots": _roots(readings),
        "clitics": _clitics(best) if best else [],
        "readings": [_reading(reading) for reading in readings],
    }


def _reading(reading: Reading) -> ReadingShape:
    return {
        "lemma": reading.lemma or None,
        "root": _root(reading),
        "pos": reading.pos or None,
        "weight": reading.weight,
        "source": reading.source,
    }


def _root(reading: Reading) -> str | None:
    return reading.roots[0][0] if reading.roots else None


def _roots(readings: Sequence[Reading]) -> list[RootShape]:
    """Return the roots of all readings, each with the sum of its weights, the likeliest first."""
    weights: dict[str, float] = {}
    for reading in readings:
        for root, share in reading.roots:
            weights[root] = weights.get(root, 0.0) + reading.weight * share
    ranked = sorted(weights, key=lambda root: -weights[root])
    return [{"root": root, "weight": round(weights[root], 2)} for root in ranked]


def _clitics(reading: Reading) -> list[str]:
    """Return particles and pronouns in the order of the word, with a `+` on the side of the stem."""
    return [*(f"{particle}+" for particle in reading.proclitics), *(f"+{pronoun}" for pronoun in reading.enclitics)]
