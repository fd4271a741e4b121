"""What is done with each article alone: its words are looked up, and those that nobody met before are read.

Reading a word for the first time takes a hundred times as long as meeting it again, so that is the work that other
processes can share: each unknown spelling goes to one of them, once.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import gc
from collections.abc import Callable, Sequence

from index.analysis.pipeline import Analyzer, load_analyzer
from index.document import AnalyzedDocument, Document
from index.errors import IndexingError
from index.schema import Section
from index.transfer import PackedWords, packed

COLLECT_AFTER = 100_000
"""New objects between two searches for cyclic garbage while articles are indexed, which makes millions and none of it:
with Python's 700 the searches take a fifth of the time."""


@dataclasses.dataclass(frozen=True, slots=True)
class ReadingWords:
    """The `Work` of worker processes."""

    fingerprint: str
    """Of the analyzer that the index is built with."""

    def __call__(self) -> Callable[[Sequence[str]], PackedWords]:
        """Get ready in the worker; return what reads a number of spellings.

        Raises:
            IndexingError: the code or the data of the analyzer are others by now.
        """
        analyzer = load_analyzer()
        if analyzer.fingerprint() != self.fingerprint:
            raise IndexingError("the analyzer was changed while the command ran; run it again")
        gc.freeze()  # the lexicon stays
        gc.set_threshold(COLLECT_AFTER)
        return lambda spellings: packed([analyzer.word(spelling) for spelling in spellings])


def analyze_document(document: Document, analyzer: Analyzer, zone: dt.tzinfo) -> AnalyzedDocument:
    """Return the document as an engine's writer takes it, with days counted in `zone`."""
    sections = {Section.TITLE: analyzer.analyze(document.title), Section.BODY: analyzer.analyze(document.text)}
    return AnalyzedDocument(document, sections, document.published_day(zone))
