"""The analysis of words as JSON: the lines of `judhur analyze --jsonl` and the tokens of the API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from index.analysis.analyzer import Analyzer, Explanation, Step
from index.analysis.readings import Reading
from index.analysis.tokens import Token
from web.bidi import json_bytes
from web.links import API_ANALYZE, PAGE_ANALYZE, analyzed
from web.pieces import pieces
from web.shape import AnalyzeShape, ReadingShape, RootShape, StepShape, TokenShape, WordShape
from web.shortening import shortened

MAX_CACHED = 300_000
"""Words whose lines are cached: the number of distinct words of ten thousand articles, about 150 MB."""
MAX_CACHED_BYTES = 1_000
"""Bytes of a line whose answer is cached: a longer one is no word."""

_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class WordLines:
    """Returns the analysis of words as lines of JSON, with a cache: running text repeats most of its words."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._cache: dict[bytes, bytes] = {}

    def line(self, word: bytes) -> bytes:
        """Return the line of a word, both in UTF-8; the line ends with a line feed.

        Raises:
            UnicodeDecodeError: the word is not UTF-8.
        """
        return self._cache.get(word) or self._analyzed(word)

    def _analyzed(self, word: bytes) -> bytes:
        line = json_bytes(word_json(word.decode(), self._analyzer) + "\n")
        if len(word) > MAX_CACHED_BYTES:
            return line
        if len(self._cache) >= MAX_CACHED:
            self._cache.clear()
        self._cache[word] = line
        return line


def word_json(text: str, analyzer: Analyzer) -> str:
    """Return `word_answer` as JSON on one line."""
    return _encoder.encode(word_answer(text, analyzer))


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


def tokens_in(text: str, analyzer: Analyzer) -> Iterator[str]:
    """Yield the words of a text with their original letters; a text of at most one word is yielded unchanged."""
    words = [token.text for token in analyzer.analyze(text).tokens()]
    yield from words if len(words) > 1 else [text]


def explained(text: str, analyzer: Analyzer) -> Iterator[tuple[Token, Explanation]]:
    """Yield the tokens of a text, each with its explanation."""
    for token in analyzer.analyze(text).tokens():
        found = analyzer.explain(token.text)
        if found:
            yield token, found


def shown_steps(found: Explanation) -> Iterator[Step]:
    """Yield the steps of the analysis for display: `+` between clitics and stem, `-` between the radicals of a root."""
    next_reading = iter(found.readings)
    for step in found.steps:
        if step.name == "clitic":
            yield step._replace(text=shortened(" + ".join(pieces(next(next_reading), found.word))))
        elif step.name == "root":
            yield step._replace(text=shown_root(step.text))
        else:
            yield step._replace(text=shortened(step.text))


def shown_root(root: str) -> str:
    """Return a root as Arabic dictionaries print it: و-ص-ل."""
    return "-".join(root)


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
