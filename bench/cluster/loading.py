"""Loads the articles of an embedded index into a cluster, or copies of them to reach a larger number."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import time
from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from index.analysis.installed import load_analyzer
from index.build import BATCH_DOCUMENTS
from index.document import AnalyzedDocument
from index.engines import store_of
from index.intake import analyze_articles

DAYS_APART = 37
"""Days between an article and its first copy, and between two copies."""


@dataclasses.dataclass(slots=True)
class Loaded:
    """The progress of a load."""

    articles: int = 0
    seconds: float = 0.0
    """Elapsed time, with analysis."""


def load(folder: str, url: str, zone: ZoneInfo, *, articles: int | None, copies: int) -> Iterator[Loaded]:
    """Add the first `articles` of the index in `folder`, or, if `copies` is not 0, that many copies of each instead.

    Yields the same object after each batch and after the commit. A copy has the words of its article, another id and
    another day.
    """
    began = time.perf_counter()
    loaded = Loaded()
    documents = itertools.islice(store_of(folder).documents(), articles)
    with (
        store_of(url).writer(create=zone.key) as writer,
        analyze_articles(documents, zone, analyzer=load_analyzer(), jobs=1) as analyzed,
    ):
        added = _copied(analyzed, copies, zone) if copies else analyzed
        while batch := list(itertools.islice(added, BATCH_DOCUMENTS)):
            writer.add(batch)
            writer.begin_commit()
            loaded.articles += len(batch)
            loaded.seconds = time.perf_counter() - began
            yield loaded
        writer.commit()
        loaded.seconds = time.perf_counter() - began
        yield loaded


def _copied(analyzed: Iterable[AnalyzedDocument], copies: int, zone: ZoneInfo) -> Iterator[AnalyzedDocument]:
    for item in analyzed:
        for number in range(1, copies + 1):
            published = item.document.published
            if published is not None:
                published += dt.timedelta(number * DAYS_APART)
            document = dataclasses.replace(item.document, id=f"{item.document.id} {number}", published=published)
            yield AnalyzedDocument(document, item.sections, document.published_day(zone))
