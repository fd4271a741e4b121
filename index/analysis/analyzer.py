"""The analyzer as its callers see it: texts in, words with terms out. Each language implements these protocols."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from index.analysis.readings import Reading
from index.analysis.tokens import AnalyzedText, TokenizedText, Word


class AnalyzerVersion(NamedTuple):
    """What makes the terms of one analyzer those of another: an index is searched by the version that built it."""

    number: str
    """Incremented by every code change that changes a term."""
    fingerprint: str
    """Hex digest of the number and of the data files: equal digests mean equal terms."""


class Step(NamedTuple):
    """One step of the analysis of one word, for display."""

    name: str
    """`written`, `surface`, then `stop`, or for each reading a `clitic`, `lemma`, `family` and `root`."""
    text: str
    """The word after the step."""
    rule: str
    """What the step did; empty if it left the word unchanged."""


@dataclasses.dataclass(frozen=True, slots=True)
class Explanation:
    """How one token is analyzed."""

    spelled: str
    """The token as it is spelled."""
    word: Word
    readings: tuple[Reading, ...]
    """The likeliest first. Stop words have readings too, although these are not indexed."""
    steps: tuple[Step, ...]


class Analyzer(Protocol):
    """Turns texts and queries into words with terms. Thread-safe."""

    @property
    def version(self) -> AnalyzerVersion:
        """The version that an index keeps."""

    def analyze(self, text: str) -> AnalyzedText:
        """Return the words of a text or a query with their offsets. Never raises, for any text."""

    def fold(self, text: str) -> str:
        """Return the folded letters of the beginning of a word, for prefix terms; no clitic is cut."""

    def explain(self, word: str) -> Explanation | None:
        """Return how the first token in `word` is analyzed; None if it has no token."""


class ParallelAnalyzer(Analyzer, Protocol):
    """An analyzer that can leave the analysis of new words to other processes: they return words, it learns them."""

    def tokenize(self, text: str) -> TokenizedText:
        """Return the tokens of a text as they are spelled: the first step of `analyze`."""

    def read(self, tokenized: TokenizedText) -> AnalyzedText:
        """Return the words of a tokenized text: the second step of `analyze`."""

    def unknown(self, spellings: Iterable[str]) -> set[str]:
        """Return the spellings that `read` would have to analyze."""

    def word(self, spelled: str) -> Word:
        """Return the word of one token as it is spelled. Raises ValueError if `spelled` is not exactly one token."""

    def learn(self, spellings: Iterable[str], words: Iterable[Word]) -> None:
        """Take the words that an analyzer of the same version returned for these spellings."""
