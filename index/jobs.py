"""The parallel part of indexing: the analysis of single articles and of words.

The first analysis of a word takes a hundred times as long as a later cache look-up. Therefore worker processes share
that work: each unknown spelling is sent to one of them, once.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import gc
from collections.abc import Callable, Sequence

from index.analysis.analyzer import Analyzer
from index.analysis.installed import load_analyzer
from index.document import AnalyzedDocument, Document
from index.errors import IndexingError
from index.schema import Section
from index.transfer import PackedWords, packed

COLLECT_AFTER = 100_000
"""Threshold of `gc` while articles are indexed. Indexing allocates millions of objects without reference cycles; with
Python's default of 700, collections take a fifth of the time."""


@dataclasses.dataclass(frozen=True, slots=True)
class ReadingWords:
    """The `Work` of worker processes: to analyze words."""

    fingerprint: str
    """Fingerprint of the analyzer that the index is built with."""

    def __call__(self) -> Callable[[Sequence[str]], PackedWords]:
        """Load the analyzer in the worker; return a function that analyzes spellings.

        Raises:
            IndexingError: the code or data of the analyzer changed since the command started.
        """
        analyzer = load_analyzer()
        if analyzer.version.fingerprint != self.fingerprint:
            raise IndexingError("the analyzer was changed while the command ran; run it again")
        gc.freeze()  # the lexicon lives as long as the process
        gc.set_threshold(COLLECT_AFTER)
        return lambda spellings: packed([analyzer.word(spelling) for spelling in spellings])


def analyze_document(document: Document, analyzer: Analyzer, zone: dt.tzinfo) -> AnalyzedDocument:
    """Return the document with its analyzed sections, for an engine's writer; its day is that in `zone`."""
    sections = {Section.TITLE: analyzer.analyze(document.title), Section.BODY: analyzer.analyze(document.text)}
    return AnalyzedDocument(document, sections, document.published_day(zone))
