"""The analysis of words as JSON: a word by itself, and the tokens of a text."""

from __future__ import annotations

from collections.abc import Sequence

from index.analysis.pipeline import ANALYZER_VERSION, Analyzer
from index.analysis.readings import Reading
from index.analysis.tokenizer import TokenKind, kind_of, token_pattern
from index.analysis.tokens import Token
from web.api.shape import AnalyzeShape, ReadingShape, RootShape, StepShape, TokenShape, WordShape
from web.links import API_ANALYZE, PAGE_ANALYZE, analyzed
from web.pieces import shown_steps
from web.shortening import shortened


def word_answer(text: str, analyzer: Analyzer) -> WordShape:
    """Return the analysis of the first word in `text`; without a word, all keys but `word` are null or empty."""
    token = token_pattern().search(text)
    if token is None:
        return _answer(text, None, ())
    word = token.group()
    # `Analyzer.word` would compute the readings a second time; `fold` alone costs much less.
    folded = analyzer.fold(word) if kind_of(token) is TokenKind.ARABIC else analyzer.word(word).surface
    return _answer(text, folded, analyzer.readings(word))


def text_answer(text: str, analyzer: Analyzer) -> AnalyzeShape:
    """Return the answer of `/api/v1/analyze`."""
    return {
        "text": text,
        "tokens": [_token(token, analyzer) for token in analyzer.analyze(text).tokens()],
        "analyzer": {"version": ANALYZER_VERSION, "fingerprint": analyzer.fingerprint()},
        "links": {"self": analyzed(text, API_ANALYZE), "html": analyzed(text, PAGE_ANALYZE)},
    }


def _token(token: Token, analyzer: Analyzer) -> TokenShape:
    readings = analyzer.readings(token.text)
    steps: list[StepShape] = [
        {"name": step.name, "text": step.text, "rule": step.rule} for step in shown_steps(token, readings, analyzer)
    ]
    return {
        "text": token.text,
        "start": token.start,
        "end": token.end,
        "stop": token.word.stop,
        **_answer(token.text, token.word.surface, readings),
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
