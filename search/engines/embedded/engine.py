"""The embedded engine: opens an index folder, follows its commits, answers requests."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from index.archive.database import lacks
from index.archive.reader import Archive
from index.document import StoredDocument
from index.engines.embedded.generation import Generation, open_newest
from index.engines.embedded.pairing import check_readable
from index.engines.embedded.verification import last_verification
from index.errors import IndexDamagedError, IndexInconsistentError, command
from index.layout import MANIFEST_NAME
from index.manifest import read_current_manifest
from search import deadline
from search.engine import (
    Capabilities,
    Condition,
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
from search.engines.embedded.filters import DATES, FORMS, Filters, filtered
from search.engines.embedded.formcounts import FormCounter
from search.engines.embedded.forms import MAX_PREFIX_FORMS
from search.engines.embedded.postings import runs
from search.engines.embedded.ranker import Ranker
from search.engines.embedded.scan import BackgroundScan
from search.engines.embedded.snapshot import Numbers, Snapshot
from search.engines.embedded.surfaces import Surfaces
from search.engines.errors import translated
from search.errors import SnapshotExpiredError
from search.histogram import histogram
from search.query import DateRange, Prefix, Term

OPEN_ATTEMPTS = 5
"""A rebuild may replace the files between reading the manifest and opening them; then the next attempt works."""

MAX_SPAN = 200_000
"""Days (five centuries). Up to this span matches are counted in an array with one element per day."""


class EmbeddedEngine:
    """The index in one folder. Safe to share among threads."""

    def __init__(self, folder: Path, *, cache_mb: int | None = None) -> None:
        """Open the index in `folder`, with a cache of at most `cache_mb` megabytes (None: `usual_megabytes`).

        Raises:
            IndexOutdatedError: the index was built with another analyzer or format version.
            EngineUnavailableError: the index is missing or damaged; the message says what to do.
        """
        self._folder = folder
        self._cache_bytes = (usual_megabytes() if cache_mb is None else cache_mb) * 1024 * 1024
        self._lock = threading.Lock()
        self._scan = BackgroundScan()
        with translated(), ExitStack() as opened:
            self._archive = Archive(folder)
            opened.callback(self.close)
            self._open_generation(None)
            opened.pop_all()

    @property
    def capabilities(self) -> Capabilities:
        """See `Engine.capabilities`."""
        return Capabilities(prefix_words=MAX_PREFIX_FORMS)

    @contextmanager
    def searcher(self) -> Iterator[EmbeddedSearcher]:
        """See `Engine.searcher`; a commit by any process is seen by the next searcher."""
        with translated():
            yield self._newest_searcher()

    def close(self) -> None:
        """See `Engine.close`."""
        self._scan.close()
        self._archive.close()

    def condition(self) -> Condition:
        """See `Engine.condition`.

        It counts the files that the background scan found damaged, the problems of the last `judhur index verify`, and
        one if the index is older than its articles, which happens where this process may not write.
        """
        last = last_verification(self._folder, self._files.name)
        problems = self._scan.damaged + int(self._is_old) + (last.problems if last else 0)
        return Condition(problems, last.at if last else None)

    def _newest_searcher(self) -> EmbeddedSearcher:
        searcher = self._searcher
        if self._signature() == self._opened_signature:
            return searcher
        with self._lock:
            if self._signature() != self._opened_signature:
                # the old generation is not closed: a search in another thread may still read it
                self._open_generation(searcher.generation)
            return self._searcher

    def _signature(self) -> tuple[int, ...]:
        """Return file attributes that change with a commit, a rebuild or a replaced file; cheap enough per search."""
        try:
            manifest = (self._folder / MANIFEST_NAME).stat()
            files = self._files.stat()
            archive = self._archive.path.stat()
        except OSError:
            return ()  # missing or just replaced: opening the index raises the error or finds the new files
        return (
            *(manifest.st_mtime_ns, manifest.st_ino, files.st_mtime_ns, files.st_ino),
            *(archive.st_dev, archive.st_ino, archive.st_mtime_ns, archive.st_size),
        )

    def _open_generation(self, old: Generation | None) -> None:
        """Open the newest generation; it shares the segments that `old` already has open."""
        for attempt in range(OPEN_ATTEMPTS):
            manifest = read_current_manifest(self._folder)
            self._files = self._folder / manifest.directory
            signature = self._signature()
            self._follow_archive()
            segments = old.by_name() if old is not None and old.folder == self._files else None
            try:
                generation = open_newest(self._folder, manifest.directory, segments)
            except IndexDamagedError:
                if attempt + 1 == OPEN_ATTEMPTS:
                    raise
                continue
            lacking = check_readable(self._folder, self._archive, generation.commit_point)
            self._is_old = generation.fell_back or lacking > 0
            if old is None or generation.commit_point != old.commit_point or generation.folder != old.folder:
                snapshot = Snapshot(generation, Cache(self._cache_bytes))
                self._searcher = EmbeddedSearcher(snapshot, self._archive, manifest.analyzer)
                self._scan.follow([*(segment.file for segment in generation.segments), self._archive])
            self._opened_signature = signature
            return

    def _follow_archive(self) -> None:
        """Open the archive anew if its file was replaced since it was opened."""
        try:
            self._archive.last_change()
        except IndexInconsistentError:
            replaced, self._archive = self._archive, Archive(self._folder)
            replaced.close()


class EmbeddedSearcher:
    """Answers over one snapshot."""

    def __init__(self, snapshot: Snapshot, archive: Archive, analyzer: str) -> None:
        self._snapshot = snapshot
        self._archive = archive
        self._analyzer = analyzer
        self._executor = Executor(snapshot)
        self._forms = FormCounter(self._executor, Surfaces(snapshot.generation))
        self._ranker = Ranker(self._executor)
        self._hit_numbers: dict[str, int] = {}
        """Document numbers of the hits of the last search, by id: these articles are fetched next."""

    @property
    def generation(self) -> Generation:
        """The generation that is open."""
        return self._snapshot.generation

    def postings(self, words: Sequence[Term | Prefix]) -> int:
        """See `Searcher.postings`."""
        return sum(self._executor.count_postings(word) for word in words)

    def search(self, request: EngineRequest) -> EngineResult:
        """See `Searcher.search`."""
        request.check()
        try:
            return self._answer(request)
        except (IndexError, ValueError) as error:
            # an array holds an index out of range: `judhur index verify` names the file
            folder = self.generation.folder.parent
            raise IndexDamagedError(
                f"the index at {folder} is damaged ({error}); {command('rebuild', folder)}"
            ) from error

    def get(self, document_id: str) -> StoredDocument | None:
        """See `Searcher.get`."""
        return self.get_many([document_id])[0]

    def get_many(self, ids: Sequence[str]) -> list[StoredDocument | None]:
        """See `Searcher.get_many`."""
        hits, find = self._hit_numbers, self.generation.find
        numbers = [hits[document_id] if document_id in hits else find(document_id) for document_id in ids]
        cache = self._snapshot.cache
        cached = [None if number is None else cache.find(("article", number), CachedArticle) for number in numbers]
        missing = {
            document_id: number
            for document_id, number, article in zip(ids, numbers, cached, strict=True)
            if article is None and number is not None
        }
        read = self._read(missing) if missing else {}
        return [
            read.get(document_id) if article is None else article.article
            for document_id, article in zip(ids, cached, strict=True)
        ]

    def _read(self, numbers: Mapping[str, int]) -> dict[str, StoredDocument]:
        """Return the articles of these ids (with their document numbers) from the archive, and cache them.

        Raises:
            SnapshotExpiredError: several commits came since the snapshot was taken, or the archive was replaced.
            IndexDamagedError: an article is missing, or is not what was stored.
        """
        change, commit = self.generation.commit_point.change, self.generation.commit_point.commit
        try:
            texts = self._archive.get_many(list(numbers), at=change, commit=commit)
        except IndexInconsistentError as error:
            raise SnapshotExpiredError from error
        if missing := next((document_id for document_id in numbers if document_id not in texts), None):
            if change < self._archive.history(change).forgotten:
                raise SnapshotExpiredError
            raise lacks(self._archive.path, missing)
        articles = {}
        for document_id, document in texts.items():
            number = numbers[document_id]
            article = articles[document_id] = StoredDocument(document, self._snapshot.offsets(number))
            self._snapshot.cache.keep(("article", number), CachedArticle(article))
        return articles

    def explain(self, request: EngineRequest, document_id: str) -> Explanation | None:
        """See `Searcher.explain`."""
        deadline.check()
        number = self.generation.find(document_id)
        if number is None:
            return None
        matches, further = self._listed(request)
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
        unfiltered = self._ranker.run(request, request.query)
        matches, further = self._matches_and_further(request, unfiltered, filters)
        return EngineResult(
            total=len(matches.documents),
            further=len(further.documents),
            exact=True,
            hits=self._hits(request, matches, further),
            facets=tuple(
                self._facet(facet, filtered(unfiltered, filters.except_facet(facet.field)).documents, request)
                for facet in request.facets
            ),
            histogram=self._histogram(filtered(unfiltered, filters.except_facet(DATES)).documents, request.dates)
            if request.histogram
            else None,
            forms=self._form_counts(request, filtered(unfiltered, filters.except_facet(FORMS)).documents),
        )

    def _filters(self, request: EngineRequest) -> Filters:
        having = self._forms.having(request.query, request.forms) if request.forms else None
        return Filters(self._executor, request, having)

    def _matches_and_further(
        self, request: EngineRequest, unfiltered: Matches, filters: Filters
    ) -> tuple[Matches, Matches]:
        """Return the matches that pass the filters, and the further documents that do."""
        matches = filtered(unfiltered, filters.all)
        if request.further is None:
            return matches, Matches(np.empty(0, np.int64), np.empty(0))
        inside = np.zeros(self._snapshot.size, bool)
        inside[unfiltered.documents] = True
        others = ~inside if filters.all is None else filters.all & ~inside
        return matches, filtered(self._ranker.run(request, request.further), others)

    def _listed(self, request: EngineRequest) -> _Listed:
        """Return matches and further documents; all hits of a page that are explained share them."""

        def make() -> _Listed:
            unfiltered = self._ranker.run(request, request.query)
            return _Listed(*self._matches_and_further(request, unfiltered, self._filters(request)))

        return self._snapshot.cache.get(("listed", request.deciding()), _Listed, make)

    def _hits(self, request: EngineRequest, matches: Matches, further: Matches) -> tuple[EngineHit, ...]:
        wanted = request.offset + request.limit
        ranked = self._ranker.first(request, request.query, matches, wanted)
        complete = len(ranked)  # number of matches in `ranked`; further documents follow
        if request.further is not None and complete < wanted:
            ranked += self._ranker.first(request, request.further, further, wanted - complete)
        page = ranked[request.offset : wanted]
        documents = [document for document, _ in page]
        on_page = max(complete - request.offset, 0)
        positions = match_positions(self._executor, request.query, documents[:on_page])
        if request.further is not None:
            positions += match_positions(self._executor, request.further, documents[on_page:])
        ids = [self._snapshot.document_id(document) for document in documents]
        self._hit_numbers = dict(zip(ids, documents, strict=True))
        return tuple(
            EngineHit(document_id, score, rank < complete, matched)
            for rank, (document_id, (_, score), matched) in enumerate(
                zip(ids, page, positions, strict=True), request.offset
            )
        )

    def _facet(self, facet: FacetRequest, documents: Numbers, request: EngineRequest) -> FacetCounts:
        deadline.check()
        column = self._snapshot.facets[facet.field]
        if column.starts is None:
            ordinals = column.ordinals[documents]
        else:
            rows, _ = runs(column.starts, documents) if len(documents) else (documents, documents)
            ordinals = column.ordinals[rows]
        counts = np.bincount(ordinals, minlength=len(column.labels))
        present = np.flatnonzero(counts)
        top = present[np.lexsort((column.ranks[present], -counts[present]))[: facet.limit]].tolist()
        listed = {column.labels[ordinal]: int(counts[ordinal]) for ordinal in top}
        for node in request.selected:
            if node.field == facet.field:
                for value in node.values:
                    if value not in listed:
                        ordinal = column.labels.index(value) if value in column.labels else None
                        listed[value] = 0 if ordinal is None else int(counts[ordinal])
        values = sorted(
            (ValueCount(value, count) for value, count in listed.items()), key=lambda value: (-value.count, value.value)
        )
        return FacetCounts(facet.field, tuple(values), len(present) - sum(1 for value in values if value.count))

    def _form_counts(self, request: EngineRequest, documents: Numbers) -> FormCounts | None:
        limit = request.form_limit
        return None if limit is None else self._forms.counts(request.query, documents, limit)

    def _histogram(self, documents: Numbers, within: DateRange | None) -> Histogram:
        deadline.check()
        days = self._snapshot.days[documents]
        dated = days[days > 0].astype(np.int64)
        undated = len(days) - len(dated)
        first = int(dated.min(initial=dt.date.max.toordinal()))
        if not len(dated) or int(dated.max()) - first > MAX_SPAN:
            distinct, counts = np.unique(dated, return_counts=True)
            return histogram(distinct, counts, undated, within)
        by_day = np.bincount(dated - first)
        offsets = np.flatnonzero(by_day)
        return histogram(offsets + first, by_day[offsets], undated, within)


class _Listed(NamedTuple):
    """The matches and the further documents of a request that pass its filters."""

    matches: Matches
    further: Matches

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return self.matches.nbytes + self.further.nbytes
