"""READ FIRST. The analysis of Arabic text, in running order: tokenize, fold, stop, read, emit.

1. `tokenizer` finds the tokens. Their offsets slice the original text.
2. `folding` takes each token from its written form to its base form and its surface.
3. `stopwords` marks function words. They get no terms but keep their position.
4. `reader` (Arabic) and `latin` (everything else) find the readings of the other tokens: clitics, lemma, family, roots.
   The reader consults `lexicon` with `readings`, `names`, `fallback` and `clitics`, in this order of trust.
5. `terms` emits the terms of all match levels at the position of the token: written and surface once, the others for
   each reading with its weight.

Texts and queries go through the same `Analyzer`. It analyzes each spelled form once and caches the `Word`, which all
occurrences share.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import threading
from array import array
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from index.analysis.arabic import folding, latin
from index.analysis.arabic.clitic_reader import has_tanwin
from index.analysis.arabic.clitics import particles_in
from index.analysis.arabic.lexicon import FILES as LEXICON_FILES
from index.analysis.arabic.name_variants import SPELLING_FILE
from index.analysis.arabic.names import LETTER_FILE, NAME_FILES
from index.analysis.arabic.reader import WordReader, load_word_reader
from index.analysis.arabic.reviewed import FILE as REVIEWED_FILE
from index.analysis.arabic.stopwords import StopWords, load_stop_words
from index.analysis.arabic.tokenizer import TokenKind, dividing_pattern, kind_of, token_pattern
from index.analysis.readings import Reading
from index.analysis.terms import TermMaker, clitics_of
from index.analysis.tokens import AnalyzedText, Word

ANALYZER_VERSION = "3"
"""Incremented by every code change that changes a term. An index of another version has to be rebuilt."""

_DATA = Path(__file__).parent / "data"
_NAME_FILES = tuple(f"names/{name}" for name in (*NAME_FILES, LETTER_FILE, SPELLING_FILE))
_DATA_FILES = ("stopwords.txt", "whole_words.txt", "word_counts.tsv.gz", REVIEWED_FILE, *LEXICON_FILES)
_CACHE_LIMIT = 300_000
"""Spelled forms in the cache, about 1 kB each; 10,000 articles have 187,000. The least recently used are evicted."""


class Step(NamedTuple):
    """One step of the pipeline on one word, for display."""

    name: str
    """`written`, `surface`, then `stop`, or for each reading a `clitic`, `lemma`, `family` and `root`."""
    text: str
    """The word after the step."""
    rule: str
    """What the step did; empty if it left the word unchanged."""


class TokenizedText(NamedTuple):
    """A text split into tokens that are not analyzed yet; one entry of each column for each position."""

    text: str
    spellings: list[str]
    """The tokens as they stand in the text."""
    starts: array[int]
    """Type code `I`; code points of the text, ascending."""
    ends: array[int]
    """Type code `I`; half open."""


class Analyzer:
    """Turns texts into words with terms. Created by `load_analyzer`; thread-safe."""

    def __init__(self, reader: WordReader, stop_words: StopWords, fingerprint: str) -> None:
        self._reader = reader
        self._stop_words = stop_words
        self._fingerprint = fingerprint
        self._terms = TermMaker()
        self._recent = _WordCache(self._cached_word)
        self._older: dict[str, Word] = {}

    def analyze(self, text: str) -> AnalyzedText:
        """Return the words of a text or a query with their offsets. Never raises, for any text."""
        return self.read(self.tokenize(text))

    def tokenize(self, text: str) -> TokenizedText:
        """Return the tokens of a text as they are spelled: the first step of `analyze`."""
        # `parts` alternates between the text outside tokens and the tokens. No step here runs Python code per token.
        parts = dividing_pattern().split(text)
        borders = list(itertools.accumulate(map(len, parts)))
        return TokenizedText(text, parts[1::2], array("I", borders[:-1:2]), array("I", borders[1::2]))

    def read(self, tokenized: TokenizedText) -> AnalyzedText:
        """Return the words of a tokenized text: the second step of `analyze`."""
        words = tuple(map(self._recent.__getitem__, tokenized.spellings))
        return AnalyzedText(tokenized.text, words, tokenized.starts, tokenized.ends)

    def unknown(self, spellings: Iterable[str]) -> set[str]:
        """Return the spellings that are not in the cache, which `read` would have to analyze."""
        missing = itertools.filterfalse(self._recent.__contains__, spellings)
        return set(itertools.filterfalse(self._older.__contains__, missing))

    def learn(self, spellings: Iterable[str], words: Iterable[Word]) -> None:
        """Add to the cache the words that an analyzer of the same fingerprint returned for these tokens.

        Raises:
            ValueError: `spellings` and `words` differ in length.
        """
        learned = dict(zip(spellings, words, strict=True))
        self._make_room(len(learned))
        self._recent.update(learned)

    def fold(self, text: str) -> str:
        """Return the folded letters of the beginning of a word, for prefix terms; no clitic is cut."""
        return folding.fold(text)

    def word(self, spelled: str) -> Word:
        """Return the word of one token as it is spelled: the same object as long as it is in the cache.

        Raises:
            ValueError: `spelled` is not exactly one token.
        """
        match = token_pattern().match(spelled)
        if match is None or match.end() < len(spelled):
            raise ValueError(f"not one token: {spelled[:40]!r}; analyze() takes texts")
        return self._cached_word(spelled)

    def steps(self, word: str) -> tuple[Step, ...]:
        """Return the result of each step on the first token in `word`; empty if it has no token."""
        match = token_pattern().search(word)
        if match is None:
            return ()
        spelled = match.group()
        written, surface, stop, readings = self._read(spelled)
        steps = [
            Step("written", written, folding.rules_between(spelled, written)),
            Step("surface", surface, folding.rules_between(written, surface)),
        ]
        if stop:
            steps.append(Step("stop", surface, stop))
        for reading in readings:
            steps.append(Step("clitic", reading.stem, _rule(reading, surface)))
            if reading.source != "counts":
                evidence = ", ".join(filter(None, (reading.source, reading.pos, reading.rule)))
                steps += [Step("lemma", reading.lemma, evidence), Step("family", reading.family, "")]
                steps += [
                    Step("root", root, f"weight {weight}" if weight < 1 else "") for root, weight in reading.roots
                ]
        return tuple(steps)

    def readings(self, word: str) -> tuple[Reading, ...]:
        """Return the readings of the first token in `word`, the likeliest first; empty if it has no token.

        Stop words have readings too, although these are not indexed.
        """
        match = token_pattern().search(word)
        if match is None:
            return ()
        spelled = match.group()
        if kind_of(match) is not TokenKind.ARABIC:
            return self._read(spelled)[-1]
        written, base = _forms(spelled)
        return self._reader.read(base, written, tanwin=has_tanwin(spelled))

    def fingerprint(self) -> str:
        """Return a hex digest of the analyzer's version and data files: equal digests mean equal terms."""
        return self._fingerprint

    def _cached_word(self, spelled: str) -> Word:
        word = self._recent.get(spelled) or self._older.get(spelled) or self._compute_word(spelled)
        self._make_room(1)
        self._recent[spelled] = word
        return word

    def _make_room(self, words: int) -> None:
        if len(self._recent) + words > _CACHE_LIMIT // 2:
            self._older, self._recent = self._recent, _WordCache(self._cached_word)
            self._terms.forget()

    def _compute_word(self, spelled: str) -> Word:
        plain = "" if folding.is_plain(spelled) else _without_marks(spelled)
        if plain:
            return self._cached_word(plain)
        written, surface, stop, readings = self._read(spelled)
        if stop:
            return Word(written, surface, (), (), stop=True)
        return self._terms.word(written, surface, readings)

    def _read(self, spelled: str) -> tuple[str, str, str | None, tuple[Reading, ...]]:
        """Return the written form, the surface, the stop-word rule or None, and the readings (none for a stop word)."""
        if folding.is_plain(spelled):
            # The fast path of nearly all words: only alefs can change, and there is no tanwin or particle.
            written, base = spelled, folding.base(spelled)
            kind, particle, tanwin = TokenKind.ARABIC, "", False
        else:
            match = token_pattern().match(spelled)
            if match is None:
                raise ValueError(f"not a token: {spelled[:40]!r}")
            written, base = _forms(spelled)
            kind, particle, tanwin = kind_of(match), match["particle"] or "", has_tanwin(spelled)
        stop = self._stop_words.rule(base)
        if stop:
            return written, folding.surface(base), stop, ()
        if kind is TokenKind.ARABIC:
            return written, folding.surface(base), None, self._reader.read(base, written, tanwin=tanwin)
        return _read_other(kind, spelled, particle)


class _WordCache(dict[str, Word]):
    """Words by their spelling; `[]` computes a missing one."""

    def __init__(self, missing: Callable[[str], Word]) -> None:
        super().__init__()
        self._missing = missing

    def __missing__(self, spelled: str) -> Word:
        return self._missing(spelled)


def _without_marks(spelled: str) -> str:
    """Return the Arabic letters of a token if its marks do not change its analysis, else an empty string.

    Only tanwin changes it: tanwin shows that the final alef is an ending.
    """
    match = token_pattern().match(spelled)
    if match is None or kind_of(match) is not TokenKind.ARABIC or has_tanwin(spelled):
        return ""
    written = folding.written(spelled)
    return written if folding.is_plain(written) else ""


def _forms(spelled: str) -> tuple[str, str]:
    """Return the written and the base form of a token; a token of marks alone stays as it is."""
    written = folding.written(spelled) or spelled
    return written, folding.base(written) or written


def _read_other(kind: TokenKind, spelled: str, particle: str) -> tuple[str, str, None, tuple[Reading, ...]]:
    """Return what `Analyzer._read` returns for a number, address or word of another script with its Arabic particle."""
    proclitic = folding.base(folding.written(particle))
    written = folding.written(spelled[len(particle) :]) or spelled
    reading = latin.read(kind, written)
    proclitics = particles_in(proclitic) + reading.proclitics
    readings = tuple(
        Reading(
            stem=stem,
            lemma=reading.lemma,
            family=reading.lemma,
            proclitics=proclitics,
            enclitics=reading.enclitics,
            weight=1 / len(reading.stems),
            source="latin" if reading.lemma else "counts",
        )
        for stem in reading.stems
    )
    return proclitic + written, proclitic + reading.surface, None, readings


def _rule(reading: Reading, surface: str) -> str:
    """Return the description of a reading: its clitics or `whole`, and its weight if there are other readings."""
    cut = " ".join(clitics_of(reading.proclitics, reading.enclitics))
    rule = f"clitic {cut}" if cut else "tanwin" if reading.stem != surface else ""
    return rule if reading.weight == 1 else f"{rule or 'whole'}, weight {reading.weight}"


def load_analyzer() -> Analyzer:
    """Return the analyzer of the shipped data: loaded at the first call, the same object at later calls.

    Raises:
        OSError: a data file is missing or damaged.
    """
    with _LOCK:
        return _load()


_LOCK = threading.Lock()


@functools.cache
def _load() -> Analyzer:
    digest = hashlib.sha256(ANALYZER_VERSION.encode())
    for name in (*_DATA_FILES, *_NAME_FILES):
        digest.update((_DATA / name).read_bytes())
    return Analyzer(load_word_reader(_DATA), load_stop_words(_DATA), digest.hexdigest())
