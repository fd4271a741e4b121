"""The analyzer of Arabic: cuts texts into tokens, and passes each distinct token through the `pipeline` once."""

from __future__ import annotations

import functools
import hashlib
import itertools
import threading
from array import array
from collections.abc import Iterable
from pathlib import Path

from index.analysis.analyzer import AnalyzerVersion, Explanation
from index.analysis.arabic import folding
from index.analysis.arabic.clitic_reader import has_tanwin
from index.analysis.arabic.compound_lists import COMPOUNDS_FILE, load_compound_lists
from index.analysis.arabic.compound_rules import CompoundRules
from index.analysis.arabic.compounds import CompoundReader
from index.analysis.arabic.explanation import steps_of
from index.analysis.arabic.formulas import FORMULA_FILE, Formulas, load_formulas
from index.analysis.arabic.lexicon import FILES as LEXICON_FILES
from index.analysis.arabic.name_variants import OWN_FILES, SPELLING_FILE, WRONG_FILE, load_spelling_classes
from index.analysis.arabic.names import LETTER_FILE, NAME_FILES
from index.analysis.arabic.pipeline import run
from index.analysis.arabic.quranic import WITHOUT_ALEF_FILE, is_quranic
from index.analysis.arabic.reader import WordReader, load_word_reader
from index.analysis.arabic.reviewed import FILE as REVIEWED_FILE
from index.analysis.arabic.steps import Draft, WordData
from index.analysis.arabic.stopwords import StopWords, load_stop_words
from index.analysis.arabic.tokenizer import TokenKind, dividing_pattern, kind_of, token_pattern
from index.analysis.arabic.units import FILE as UNITS_FILE
from index.analysis.cache import WordCache, usual_limit
from index.analysis.terms import TermMaker
from index.analysis.tokens import AnalyzedText, TokenizedText, Word

ANALYZER_VERSION = "4"
"""Incremented by every code change that changes a term. An index of another version has to be rebuilt."""

_DATA = Path(__file__).parent / "data"
_NAME_FILES = tuple(f"names/{name}" for name in (*NAME_FILES, LETTER_FILE, SPELLING_FILE, *OWN_FILES, WRONG_FILE))
_DATA_FILES = (
    COMPOUNDS_FILE,
    FORMULA_FILE,
    "stopwords.txt",
    "whole_words.txt",
    "word_counts.tsv.gz",
    REVIEWED_FILE,
    WITHOUT_ALEF_FILE,
    UNITS_FILE,
    *LEXICON_FILES,
)


class ArabicAnalyzer:
    """The `ParallelAnalyzer` of Arabic. Created by `load_arabic_analyzer`; thread-safe."""

    def __init__(
        self,
        stop_words: StopWords,
        reader: WordReader,
        formulas: Formulas,
        compounds: CompoundRules,
        version: AnalyzerVersion,
        cache_limit: int | None = None,
    ) -> None:
        self.version = version
        self._formulas = formulas
        # A lemma is indexed without hamzas, since a word outside the lexicon may be written without them.
        terms = TermMaker(fold_lemma=folding.base)
        self._data = WordData(stop_words, reader, compounds, terms)
        self._compounds = CompoundReader(compounds)
        self._cache = WordCache(self._computed, terms.forget, usual_limit() if cache_limit is None else cache_limit)

    def analyze(self, text: str) -> AnalyzedText:
        """See `Analyzer.analyze`."""
        return self.read(self.tokenize(text))

    def fold(self, text: str) -> str:
        """See `Analyzer.fold`."""
        return folding.fold(text)

    def explain(self, word: str) -> Explanation | None:
        """See `Analyzer.explain`."""
        spellings = self.tokenize(word).spellings
        if not spellings:
            return None
        draft = run(Draft(spellings[0], folding.is_plain(spellings[0])), self._data)
        readings = draft.readings
        if draft.stop and draft.kind is TokenKind.ARABIC:
            readings = self._data.reader.read(draft.surface, draft.base, draft.written, tanwin=draft.tanwin)
        return Explanation(draft.spelled, draft.word, readings, tuple(steps_of(draft)))

    def tokenize(self, text: str) -> TokenizedText:
        """See `ParallelAnalyzer.tokenize`."""
        # `parts` alternates between the text outside tokens and the tokens. No step here runs Python code per token.
        parts = dividing_pattern().split(text)
        borders = list(itertools.accumulate(map(len, parts)))
        tokens = TokenizedText(text, parts[1::2], array("I", borders[:-1:2]), array("I", borders[1::2]))
        return self._formulas.spelled_out(tokens)

    def read(self, tokenized: TokenizedText) -> AnalyzedText:
        """See `ParallelAnalyzer.read`."""
        return self._compounds.read(tokenized, self._cache.words(tokenized.spellings))

    def unknown(self, spellings: Iterable[str]) -> set[str]:
        """See `ParallelAnalyzer.unknown`."""
        return self._cache.unknown(spellings)

    def word(self, spelled: str) -> Word:
        """See `ParallelAnalyzer.word`."""
        match = token_pattern().match(spelled)
        if match is None or match.end() < len(spelled) or spelled in self._formulas:
            raise ValueError(f"not one token: {spelled[:40]!r}; analyze() takes texts")
        return self._cache.word(spelled)

    def learn(self, spellings: Iterable[str], words: Iterable[Word]) -> None:
        """See `ParallelAnalyzer.learn`. Raises ValueError if `spellings` and `words` differ in length."""
        self._cache.learn(spellings, words)

    def _computed(self, spelled: str) -> Word:
        plain = folding.is_plain(spelled)
        unmarked = "" if plain else _without_marks(spelled)
        return self._cache.word(unmarked) if unmarked else run(Draft(spelled, plain), self._data).word


def _without_marks(spelled: str) -> str:
    """Return the Arabic letters of a token if its marks do not change its analysis, else an empty string.

    Tanwin changes it, since it shows that the final alef is an ending, and so do signs of Quranic spelling.
    """
    match = token_pattern().match(spelled)
    if match is None or kind_of(match) is not TokenKind.ARABIC or has_tanwin(spelled) or is_quranic(spelled):
        return ""
    written = folding.written(spelled)
    return written if folding.is_plain(written) else ""


def load_arabic_analyzer() -> ArabicAnalyzer:
    """Return the analyzer of the shipped data: loaded at the first call, the same object at later calls.

    Raises:
        OSError: a data file is missing or damaged.
    """
    with _LOCK:
        return _load()


_LOCK = threading.Lock()


@functools.cache
def _load() -> ArabicAnalyzer:
    digest = hashlib.sha256(ANALYZER_VERSION.encode())
    for name in (*_DATA_FILES, *_NAME_FILES):
        digest.update((_DATA / name).read_bytes())
    version = AnalyzerVersion(ANALYZER_VERSION, digest.hexdigest())
    reader = load_word_reader(_DATA)
    compounds = CompoundRules(load_compound_lists(_DATA), load_spelling_classes(_DATA / "names"), reader)
    return ArabicAnalyzer(load_stop_words(_DATA), reader, load_formulas(_DATA), compounds, version)
