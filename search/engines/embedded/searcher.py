"""The searcher of the embedded engine: answers requests over one snapshot."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from index.archive.database import lacks
from index.archive.reader import Archive
from index.document import StoredDocument
from index.engines.embedded.generation import Generation
from index.errors import IndexDamagedError, IndexInconsistentError, command
from search.engine import EngineHit, EngineRequest, EngineResult, IndexInfo, Listing
from search.engines.article_cache import CachedArticle
from search.engines.embedded.counts import count_days, count_values
from search.engines.embedded.executor import Executor, Matches
from search.engines.embedded.filters import DATES, FORMS, Filters
from search.engines.embedded.formcounts import FormCounter
from search.engines.embedded.listed import ListedDocuments, found_documents, typed_documents
from search.engines.embedded.neighbours import likely_stems
from search.engines.embedded.ranker import Ranker
from search.engines.embedded.snapshot import Numbers, Snapshot
from search.engines.embedded.surfaces import Surfaces
from search.errors import SnapshotExpiredError
from search.levels import widest_level
from search.query import Prefix, Term
from search.ranking_stages import match_positions


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
        with self._reading():
            return self._answer(request)

    def stems_like(self, word: str) -> Sequence[str]:
        """See `Searcher.stems_like`."""
        with self._reading():
            return likely_stems(self._snapshot, word)

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

    def info(self) -> IndexInfo:
        """See `Searcher.info`."""
        return IndexInfo(self.generation.commit_point.generation, self._analyzer, self._snapshot.documents)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Convert the errors of an array that holds an index out of range.

        Raises:
            IndexDamagedError: `judhur index verify` names the file.
        """
        try:
            yield
        except (IndexError, ValueError) as error:
            folder = self.generation.folder.parent
            raise IndexDamagedError(
                f"the index at {folder} is damaged ({error}); {command('rebuild', folder)}"
            ) from error

    def _answer(self, request: EngineRequest) -> EngineResult:
        listing, counts = request.listing, request.counts
        having_forms = self._forms.having(listing.query, listing.forms) if listing.forms else None
        filters = Filters(self._executor, listing, having_forms)
        unfiltered = found_documents(self._executor, listing)
        found = unfiltered.filtered(filters.all)
        total, *further = found.by_tier()

        def except_facet(facet: str) -> Numbers:
            return unfiltered.filtered(filters.except_facet(facet)).matches

        return EngineResult(
            total=total,
            levels=found.by_level(),
            further=sum(further),
            partial=further[-1],
            exact=True,
            hits=self._hits(request, found),
            facets=tuple(
                count_values(self._snapshot, facet, listing, except_facet(facet.field)) for facet in counts.facets
            ),
            histogram=count_days(self._snapshot, listing, except_facet(DATES)) if counts.histogram else None,
            forms=None
            if counts.form_limit is None
            else self._forms.counts(listing, except_facet(FORMS), counts.form_limit),
        )

    def _parts(self, listing: Listing, found: ListedDocuments) -> Iterator[Matches]:
        return found.parts(typed_documents(self._executor, listing))

    def _hits(self, request: EngineRequest, found: ListedDocuments) -> tuple[EngineHit, ...]:
        """Return the requested hits, given the documents that pass the filters."""
        listing = request.listing
        parts = functools.partial(self._parts, listing, found)
        ranked = self._ranker.first(listing, parts, request.offset + request.limit)
        page = ranked.order[request.offset :]
        documents = [document for document, _ in page]
        hit_tiers = [found.tier_of(document) for document in documents]
        levels = [widest_level(tier, listing.match) for tier in hit_tiers]
        positions = match_positions(self._ranker.candidates, listing.listed, documents, levels)
        ids = [self._snapshot.document_id(document) for document in documents]
        self._hit_numbers = dict(zip(ids, documents, strict=True))
        hits = [
            EngineHit(document_id, score, tier, matched)
            for document_id, (_, score), tier, matched in zip(ids, page, hit_tiers, positions, strict=True)
        ]
        if request.explained:
            hits = [
                hit._replace(explanation=self._ranker.explain(listing, document, reranked=rank < ranked.reranked))
                for rank, (hit, document) in enumerate(zip(hits, documents, strict=True), request.offset)
            ]
        return tuple(hits)
