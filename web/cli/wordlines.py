"""The lines of `judhur analyze --jsonl`: the analysis of a word as JSON, for the words of a text or of a pipe."""

from __future__ import annotations

import json
from collections.abc import Iterator

from index.analysis.analyzer import Analyzer
from web.api.words import word_answer
from web.bidi import json_bytes

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
        line = json_bytes(_encoder.encode(word_answer(word.decode(), self._analyzer)) + "\n")
        if len(word) > MAX_CACHED_BYTES:
            return line
        if len(self._cache) >= MAX_CACHED:
            self._cache.clear()
        self._cache[word] = line
        return line


def tokens_in(text: str, analyzer: Analyzer) -> Iterator[str]:
    """Yield the words of a text with their original letters; a text of at most one word is yielded unchanged."""
    words = [token.text for token in analyzer.analyze(text).tokens()]
    yield from words if len(words) > 1 else [text]
