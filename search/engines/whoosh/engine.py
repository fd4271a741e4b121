"""The embedded engine: opens an index folder, follows its commits, answers requests."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np

from index.archive import Archive
from index.document import StoredDocument
from index.engines import open_writer
from index.errors import IndexDamagedError, IndexingError, IndexMismatchError, command
from index.manifest import read_current_manifest
from index.schema import FacetField
from index.writer import IndexWriter
from search.engine import (
    Capabilities,
    EngineHit,
    EngineRequest,
    EngineResult,
    FacetCounts,
    FacetRequest,
    Histogram,
    IndexInfo,
    ValueCount,
)
from search.engines.whoosh.executor import Executor, Mask, Matches
from search.engines.whoosh.snapshot import Numbers, Snapshot
from search.errors import EngineUnavailableError, IndexOutdatedError, UnknownFieldError
from search.histogram import histogram
from search.ranking import SCORE_DIGITS
from search.request import Sort

OPEN_ATTEMPTS = 5
"""A rebuild may swap the files between the reading of the manifest and their opening; then the next attempt works."""


class WhooshEngine:
    """The index in one folder. Safe to share among threads."""

    def __init__(self, folder: Path) -> None:
        """Open the index in `folder`.

        Raises:
            EngineUnavailableError: it is missing, damaged, or built by another analyzer; the text has the remedy.
        """
        self._folder = folder
        self._lock = threading.Lock()
        with _translated(), ExitStack() as opened:
            self._archive = Archive(folder)
            opened.callback(self._archive.close)
            self._snapshot = self._open()
            opened.pop_all()

    @property
    def capabilities(self) -> Capabilities:
        """See `Engine.capabilities`."""
        return Capabilities(writes=True, persistent=True)

    @contextmanager
    def writer(self) -> Iterator[IndexWriter]:
        """See `Engine.writer`."""
        with open_writer(str(self._folder)) as writer:
            yield writer

    @contextmanager
    def searcher(self) -> Iterator[WhooshSearcher]:
        """See `Engine.searcher`; a commit by any process is seen by the next searcher."""
        with _translated():
            yield WhooshSearcher(self._newest(), self._archive)

    def close(self) -> None:
        """See `Engine.close`."""
        self._snapshot.close()
        self._archive.close()

    def _newest(self) -> Snapshot:
        manifest = read_current_manifest(self._folder)
        if manifest.generation == self._snapshot.manifest.generation:
            return self._snapshot
        with self._lock:
            if manifest.generation != self._snapshot.manifest.generation:
                # the old snapshot is not closed here: a search in another thread may still be reading it
                self._snapshot = self._open()
            return self._snapshot

    def _open(self) -> Snapshot:
        for attempt in range(OPEN_ATTEMPTS):
            manifest = read_current_manifest(self._folder)
            try:
                return Snapshot(self._folder, manifest)
            except Exception as error:
                if attempt + 1 == OPEN_ATTEMPTS:
                    raise IndexDamagedError(
                        f"the files in {self._folder / manifest.directory} cannot be read ({error}); "
                        f"run {command('rebuild', self._folder)}"
                    ) from error
        raise AssertionError


class WhooshSearcher:
    """Answers over one snapshot."""

    def __init__(self, snapshot: Snapshot, archive: Archive) -> None:
        self._snapshot = snapshot
        self._archive = archive
        self._executor = Executor(snapshot)

    def search(self, request: EngineRequest) -> EngineResult:
        """See `Searcher.search`."""
        _check_fields(request)
        found = self._executor.run(request.query)
        listed = found if request.further is None else self._executor.run(request.further)
        filters = _Filters(self._executor, request, self._snapshot)
        matches = found.mask & filters.all
        further = listed.mask & filters.all & ~found.mask
        return EngineResult(
            total=int(matches.sum()),
            further=int(further.sum()),
            exact=True,
            hits=self._hits(request, found, matches, listed, further),
            facets=tuple(
                self._facet(facet, found.mask & filters.but(facet.field), request) for facet in request.facets
            ),
            histogram=self._histogram(found.mask & filters.but(None)) if request.histogram else None,
        )

    def get(self, document_id: str) -> StoredDocument | None:
        """See `Searcher.get`."""
        number = self._snapshot.numbers.get(document_id)
        document = None if number is None else self._archive.get(document_id, at=self._snapshot.manifest.change)
        if number is None or document is None:
            return None
        return StoredDocument(document, self._snapshot.offsets(number))

    def info(self) -> IndexInfo:
        """See `Searcher.info`."""
        manifest = self._snapshot.manifest
        return IndexInfo(manifest.generation, manifest.analyzer, len(self._snapshot.numbers))

    def _hits(
        self, request: EngineRequest, found: Matches, matches: Mask, listed: Matches, further: Mask
    ) -> tuple[EngineHit, ...]:
        wanted = request.offset + request.limit
        numbers = self._ranked(matches, found, request.sort, wanted)
        complete = len(numbers)
        if complete < wanted:
            numbers = np.concatenate([numbers, self._ranked(further, listed, request.sort, wanted - complete)])
        hits = []
        for rank, number in enumerate(numbers[request.offset : wanted].tolist(), request.offset):
            source = found if rank < complete else listed
            hits.append(
                EngineHit(
                    id=self._snapshot.ids[number],
                    score=float(source.scores[number]),
                    complete=rank < complete,
                    matches=self._executor.locate(request.query, number),
                )
            )
        return tuple(hits)

    def _ranked(self, mask: Mask, matches: Matches, sort: Sort, wanted: int) -> Numbers:
        """Return the first `wanted` document numbers of a mask in the asked order."""
        numbers = np.flatnonzero(mask)
        ranks = self._snapshot.id_ranks[numbers]
        moments = self._snapshot.moments[numbers]
        undated = self._snapshot.days[numbers] == 0
        match sort:
            case Sort.RELEVANCE:
                order = np.lexsort((ranks, -np.round(matches.scores[numbers], SCORE_DIGITS)))
            case Sort.NEWEST:
                order = np.lexsort((ranks, -moments, undated))
            case Sort.OLDEST:
                order = np.lexsort((ranks, moments, undated))
        return numbers[order[:wanted]]

    def _facet(self, facet: FacetRequest, mask: Mask, request: EngineRequest) -> FacetCounts:
        column = self._snapshot.facets[facet.field]
        counts = np.bincount(column.ordinals[mask[column.documents]], minlength=len(column.labels)).tolist()
        by_value = dict(zip(column.labels, counts, strict=True))
        selected = {value for node in request.selected if node.field == facet.field for value in node.values}
        ranked = sorted(
            (ValueCount(value, count) for value, count in by_value.items() if count),
            key=lambda item: (-item.count, item.value),
        )
        shown = ranked[: facet.limit]
        missing = sorted(selected - {item.value for item in shown})
        shown += [ValueCount(value, by_value.get(value, 0)) for value in missing]
        values = tuple(sorted(shown, key=lambda item: (-item.count, item.value)))
        return FacetCounts(facet.field, values, len(ranked) - sum(1 for item in values if item.count))

    def _histogram(self, mask: Mask) -> Histogram:
        days, counts = np.unique(self._snapshot.days[mask], return_counts=True)
        by_day = dict(zip(days.tolist(), counts.tolist(), strict=True))
        unknown = by_day.pop(0, 0)
        return histogram({dt.date.fromordinal(day): count for day, count in by_day.items()}, unknown)


class _Filters:
    """The filters of a request as masks, and what is left of them when one facet's own is ignored."""

    def __init__(self, executor: Executor, request: EngineRequest, snapshot: Snapshot) -> None:
        self._base = snapshot.live.copy()
        for node in request.excluded:
            self._base &= ~executor.having(node)
        self._selected = {node.field: executor.having(node) for node in request.selected}
        self._dates = None if request.dates is None else executor.published(request.dates)

    @property
    def all(self) -> Mask:
        """Every filter."""
        return self._joined(ignored=None, dates=True)

    def but(self, facet: FacetField | None) -> Mask:
        """Every filter but a facet's own selection; None ignores the selected days."""
        return self._joined(ignored=facet, dates=facet is not None)

    def _joined(self, *, ignored: FacetField | None, dates: bool) -> Mask:
        mask = self._base
        for field, allowed in self._selected.items():
            if field != ignored:
                mask = mask & allowed
        return mask & self._dates if dates and self._dates is not None else mask


def _check_fields(request: EngineRequest) -> None:
    named = [node.field for node in (*request.selected, *request.excluded)] + [facet.field for facet in request.facets]
    for field in named:
        if field not in list(FacetField):
            known = ", ".join(FacetField)
            raise UnknownFieldError(f'unknown field "{field}"; fields are: {known}')


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except IndexMismatchError as error:
        raise IndexOutdatedError(str(error)) from error
    except IndexingError as error:
        raise EngineUnavailableError(str(error)) from error
