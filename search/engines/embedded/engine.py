"""The embedded engine: opens an index folder, follows its commits, answers requests."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np

from index.archive import Archive
from index.document import StoredDocument
from index.engines import open_writer
from index.engines.embedded.generation import Generation, open_newest
from index.errors import IndexDamagedError, IndexingError, IndexMismatchError, command
from index.manifest import MANIFEST_NAME, read_current_manifest
from index.writer import IndexWriter
from search.engine import (
    Capabilities,
    EngineHit,
    EngineRequest,
    EngineResult,
    Explanation,
    FacetCounts,
    FacetRequest,
    FormCounts,
    Histogram,
    IndexInfo,
    ValueCount,
)
from search.engines.article_cache import CachedArticle
from search.engines.cache import Cache, usual_megabytes
from search.engines.embedded.candidates import match_positions
from search.engines.embedded.executor import Executor, Matches
from search.engines.embedded.formcounts import FormCounter
from search.engines.embedded.forms import MAX_PREFIX_FORMS
from search.engines.embedded.postings import runs
from search.engines.embedded.ranker import Ranker
from search.engines.embedded.snapshot import Mask, Numbers, Snapshot
from search.engines.embedded.surfaces import Surfaces
from search.errors import EngineUnavailableError, IndexOutdatedError
from search.histogram import histogram
from search.query import DateRange

OPEN_ATTEMPTS = 5
"""A rebuild may swap the files between the reading of the manifest and their opening; then the next attempt works."""

_DATES, _FORMS = "days", "forms"
"""Facets that are no columns of values."""

MAX_SPAN = 200_000
"""Days, five centuries: over such a span matches are counted in an array with a place for each day."""


class EmbeddedEngine:
    """The index in one folder. Safe to share among threads."""

    def __init__(self, folder: Path, *, cache_mb: int | None = None) -> None:
        """Open the index in `folder`; it keeps at most `cache_mb` of earlier searches (None: `usual_megabytes`).

        Raises:
            EngineUnavailableError: it is missing, damaged, or built by another analyzer; the text has the remedy.
        """
        self._folder = folder
        self._cache_bytes = (usual_megabytes() if cache_mb is None else cache_mb) * 1024 * 1024
        self._lock = threading.Lock()
        with _translated(), ExitStack() as opened:
            self._archive = Archive(folder)
            opened.callback(self._archive.close)
            self._open(None)
            opened.pop_all()

    @property
    def capabilities(self) -> Capabilities:
        """See `Engine.capabilities`."""
        return Capabilities(writes=True, persistent=True, prefix_words=MAX_PREFIX_FORMS)

    @contextmanager
    def writer(self) -> Iterator[IndexWriter]:
        """See `Engine.writer`."""
        with open_writer(str(self._folder)) as writer:
            yield writer

    @contextmanager
    def searcher(self) -> Iterator[WhooshSearcher]:
        """See `Engine.searcher`; a commit by any process is seen by the next searcher."""
        with _translated():
            yield self._newest()

    def close(self) -> None:
        """See `Engine.close`."""
        self._archive.close()

    def _newest(self) -> WhooshSearcher:
        searcher = self._searcher
        if self._signature() == self._opened:
            return searcher
        with self._lock:
            if self._signature() != self._opened:
                # the old generation is not closed here: a search in another thread may still be reading it
                self._open(searcher.generation)
            return self._searcher

    def _signature(self) -> tuple[int, ...]:
        """Return what changes with every commit and rebuild; cheap to ask before each search."""
        try:
            manifest = (self._folder / MANIFEST_NAME).stat()
            files = self._files.stat()
        except OSError:
            return ()  # gone, or swapped: opening tells
        return (manifest.st_mtime_ns, manifest.st_ino, files.st_mtime_ns, files.st_ino)

    def _open(self, old: Generation | None) -> None:
        for attempt in range(OPEN_ATTEMPTS):
            manifest = read_current_manifest(self._folder)
            self._files = self._folder / manifest.directory
            signature = self._signature()
            known = old.by_name() if old is not None and old.folder == self._files else None
            try:
                generation = open_newest(self._folder, manifest.directory, known)
            except IndexDamagedError:
                if attempt + 1 == OPEN_ATTEMPTS:
                    raise
                continue
            if old is None or generation.commit_point != old.commit_point or generation.folder != old.folder:
                snapshot = Snapshot(generation, Cache(self._cache_bytes))
                self._searcher = WhooshSearcher(snapshot, self._archive, manifest.analyzer)
            self._opened = signature
            return


class WhooshSearcher:
    """Answers over one snapshot."""

    def __init__(self, snapshot: Snapshot, archive: Archive, analyzer: str) -> None:
        self._snapshot = snapshot
        self._archive = archive
        self._analyzer = analyzer
        self._executor = Executor(snapshot)
        self._forms = FormCounter(self._executor, Surfaces(snapshot.generation))
        self._ranker = Ranker(self._executor)
        self._hit_numbers: dict[str, int] = {}
        """Of the hits of the last search: these are asked for next."""

    @property
    def generation(self) -> Generation:
        """The generation that is open."""
        return self._snapshot.generation

    def search(self, request: EngineRequest) -> EngineResult:
        """See `Searcher.search`."""
        request.check()
        try:
            return self._answer(request)
        except (IndexError, ValueError) as error:
            # numbers that lead nowhere: `judhur index verify` finds the file
            folder = self.generation.folder.parent
            raise IndexDamagedError(
                f"the index at {folder} is damaged ({error}); {command('rebuild', folder)}"
            ) from error

    def get(self, document_id: str) -> StoredDocument | None:
        """See `Searcher.get`."""
        return self.get_many([document_id])[0]

    def get_many(self, ids: Sequence[str]) -> list[StoredDocument | None]:
        """See `Searcher.get_many`."""
        shown = self._hit_numbers
        numbers = [shown[known] if known in shown else self.generation.find(known) for known in ids]
        cache = self._snapshot.cache
        found = [None if number is None else cache.find(("article", number), CachedArticle) for number in numbers]
        missing = {
            document_id: number
            for document_id, number, known in zip(ids, numbers, found, strict=True)
            if known is None and number is not None
        }
        read = self._read(missing) if missing else {}
        return [
            read.get(document_id) if known is None else known.article
            for document_id, known in zip(ids, found, strict=True)
        ]

    def _read(self, numbers: Mapping[str, int]) -> dict[str, StoredDocument]:
        """Return the articles of these ids, and remember them."""
        texts = self._archive.get_many(list(numbers), at=self.generation.commit_point.change)
        articles = {}
        for document_id, document in texts.items():
            number = numbers[document_id]
            article = articles[document_id] = StoredDocument(document, self._snapshot.offsets(number))
            self._snapshot.cache.keep(("article", number), CachedArticle(article))
        return articles

    def explain(self, request: EngineRequest, document_id: str) -> Explanation | None:
        """See `Searcher.explain`."""
        number = self.generation.find(document_id)
        if number is None:
            return None
        found = self._ranker.run(request, request.query)
        matches, further = self._listed(request, found, self._filters(request))
        if matches.score_of(number) is not None:
            return self._ranker.explain(request, request.query, matches, number)
        if request.further is not None and further.score_of(number) is not None:
            return self._ranker.explain(request, request.further, further, number)
        return None

    def info(self) -> IndexInfo:
        """See `Searcher.info`."""
        return IndexInfo(self.generation.commit_point.generation, self._analyzer, self._snapshot.documents)

    def _answer(self, request: EngineRequest) -> EngineResult:
        filters = self._filters(request)
        found = self._ranker.run(request, request.query)
        matches, further = self._listed(request, found, filters)
        return EngineResult(
            total=len(matches.documents),
            further=len(further.documents),
            exact=True,
            hits=self._hits(request, matches, further),
            facets=tuple(
                self._facet(facet, _kept(found, filters.but(facet.field)).documents, request)
                for facet in request.facets
            ),
            histogram=self._histogram(_kept(found, filters.but(_DATES)).documents, request.dates)
            if request.histogram
            else None,
            forms=self._form_counts(request, _kept(found, filters.but(_FORMS)).documents),
        )

    def _filters(self, request: EngineRequest) -> _Filters:
        having = self._forms.having(request.query, request.forms) if request.forms else None
        return _Filters(self._executor, request, having)

    def _listed(self, request: EngineRequest, found: Matches, filters: _Filters) -> tuple[Matches, Matches]:
        """Return the matches, of what was found, and the further documents."""
        matches = _kept(found, filters.all)
        if request.further is None:
            return matches, Matches(np.empty(0, np.int64), np.empty(0))
        inside = np.zeros(self._snapshot.size, bool)
        inside[found.documents] = True
        others = ~inside if filters.all is None else filters.all & ~inside
        return matches, _kept(self._ranker.run(request, request.further), others)

    def _hits(self, request: EngineRequest, matches: Matches, further: Matches) -> tuple[EngineHit, ...]:
        wanted = request.offset + request.limit
        ranked = self._ranker.first(request, request.query, matches, wanted)
        complete = len(ranked)
        if request.further is not None and complete < wanted:
            ranked += self._ranker.first(request, request.further, further, wanted - complete)
        page = ranked[request.offset : wanted]
        documents = [document for document, _ in page]
        cut = max(complete - request.offset, 0)
        positions = match_positions(self._executor, request.query, documents[:cut])
        if request.further is not None:
            positions += match_positions(self._executor, request.further, documents[cut:])
        ids = [self._snapshot.document_id(document) for document in documents]
        self._hit_numbers = dict(zip(ids, documents, strict=True))
        return tuple(
            EngineHit(document_id, score, rank < complete, found)
            for rank, (document_id, (_, score), found) in enumerate(
                zip(ids, page, positions, strict=True), request.offset
            )
        )

    def _facet(self, facet: FacetRequest, documents: Numbers, request: EngineRequest) -> FacetCounts:
        column = self._snapshot.facets[facet.field]
        if column.starts is None:
            ordinals = column.ordinals[documents]
        else:
            rows, _ = runs(column.starts, documents) if len(documents) else (documents, documents)
            ordinals = column.ordinals[rows]
        counts = np.bincount(ordinals, minlength=len(column.labels))
        present = np.flatnonzero(counts)
        top = present[np.lexsort((column.ranks[present], -counts[present]))[: facet.limit]].tolist()
        shown = {column.labels[ordinal]: int(counts[ordinal]) for ordinal in top}
        for node in request.selected:
            if node.field == facet.field:
                for value in node.values:
                    if value not in shown:
                        known = column.labels.index(value) if value in column.labels else None
                        shown[value] = 0 if known is None else int(counts[known])
        values = sorted(
            (ValueCount(value, count) for value, count in shown.items()), key=lambda it: (-it.count, it.value)
        )
        return FacetCounts(facet.field, tuple(values), len(present) - sum(1 for it in values if it.count))

    def _form_counts(self, request: EngineRequest, documents: Numbers) -> FormCounts | None:
        limit = request.form_limit
        return None if limit is None else self._forms.counts(request.query, documents, limit)

    def _histogram(self, documents: Numbers, within: DateRange | None) -> Histogram:
        days = self._snapshot.days[documents]
        known = days[days > 0].astype(np.int64)
        unknown = len(days) - len(known)
        first = int(known.min(initial=dt.date.max.toordinal()))
        if not len(known) or int(known.max()) - first > MAX_SPAN:
            found, counts = np.unique(known, return_counts=True)
            return histogram(found, counts, unknown, within)
        by_day = np.bincount(known - first)
        found = np.flatnonzero(by_day)
        return histogram(found + first, by_day[found], unknown, within)


class _Filters:
    """The filters of a request as masks, and what is left when one facet's own is ignored; None lets all pass."""

    def __init__(self, executor: Executor, request: EngineRequest, having_forms: Mask | None) -> None:
        self._base = [~executor.having(node) for node in request.excluded]
        self._selected: dict[str, Mask] = {node.field: executor.having(node) for node in request.selected}
        if request.dates is not None:
            self._selected[_DATES] = executor.published(request.dates)
        if having_forms is not None:
            self._selected[_FORMS] = having_forms
        self.all = self._joined(ignored=None)
        """Every filter."""

    def but(self, facet: str) -> Mask | None:
        """Every filter but a facet's own selection: a `FacetField`, the days or the forms."""
        return self._joined(ignored=facet) if facet in self._selected else self.all

    def _joined(self, *, ignored: str | None) -> Mask | None:
        masks = [*self._base, *(mask for name, mask in self._selected.items() if name != ignored)]
        return np.logical_and.reduce(masks) if masks else None


def _kept(matches: Matches, mask: Mask | None) -> Matches:
    if mask is None:
        return matches
    kept = mask[matches.documents]
    return Matches(matches.documents[kept], matches.scores[kept])


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the write path's errors into the read path's."""
    try:
        yield
    except IndexMismatchError as error:
        raise IndexOutdatedError(str(error)) from error
    except IndexingError as error:
        raise EngineUnavailableError(str(error)) from error
