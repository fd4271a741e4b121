"""An index in memory: the smallest implementation of the protocols of the write path. It can refuse articles."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

import pytest

from index.document import AnalyzedDocument, Document, Refusal
from index.engines import ENGINES, Kind
from index.errors import IndexingError, IndexLockedError, IndexMissingError
from index.status import Status
from index.store import Analyzing, Progress
from index.writer import Committed, Existing

LOCATION = "memory://articles"


class MemoryStore:
    """The index at one location; `refused` tells why its engine would not take an article, at the next commit."""

    def __init__(self, location: str = LOCATION, refused: Callable[[Document], str] = lambda _: "") -> None:
        self.location = location
        self.refused = refused
        self.articles: dict[str, Document] = {}
        self.commits = 0
        self.written_to = False
        self._zone: ZoneInfo | None = None

    def writer(self, *, create: str | None = None) -> MemoryWriter:
        self._zone = self._zone or (ZoneInfo(create) if create else None)
        return MemoryWriter(self, self.zone())

    def zone(self) -> ZoneInfo:
        if self._zone is None:
            raise IndexMissingError(f"no index at {self.location}")
        return self._zone

    def documents(self) -> Iterator[Document]:
        self.zone()
        yield from list(self.articles.values())

    def count(self) -> int:
        self.zone()
        return len(self.articles)

    def catch_up(self) -> int:
        with self.writer():
            return 0

    def behind(self) -> int:
        self.zone()
        return 0

    def status(self) -> Status:
        return Status(
            location=self.location,
            documents=self.count(),
            generation=str(self.commits),
            analyzer="",
            fingerprint="",
            format=1,
            zone=self.zone().key,
            up_to_date=True,
            behind=0,
            change=0,
            size_bytes=sum(len(document.text.encode()) for document in self.articles.values()),
        )

    def verify(self) -> tuple[str, ...]:
        self.zone()
        return ()

    def rebuild(self, analyzed: Analyzing, progress: Progress | None = None) -> int:
        done = 0
        with self.writer() as writer, analyzed(self.documents()) as documents:
            for document in documents:
                writer.add([document])
                done += 1
                if progress is not None:
                    progress(done, done / self.count())
            writer.commit()
        self.commits += 1
        return done

    def roll_back(self, analyzed: Analyzing, progress: Progress | None = None) -> int:
        del analyzed, progress
        self.zone()
        raise IndexingError(f"{self.location} has no previous index to return to")


class MemoryWriter:
    """Its one writer."""

    def __init__(self, store: MemoryStore, zone: ZoneInfo) -> None:
        if store.written_to:
            raise IndexLockedError(f"{store.location} is being written by this process")
        store.written_to = True
        self.zone = zone
        self._store = store
        self._articles = dict(store.articles)
        self._added: set[str] = set()

    def existing(self, ids: Sequence[str]) -> dict[str, Existing]:
        there = self._articles
        return {name: Existing(there[name].content_hash(), there[name].origin) for name in ids if name in there}

    def add(self, documents: Iterable[AnalyzedDocument]) -> None:
        try:
            for item in documents:
                self._articles[item.document.id] = item.document
                self._added.add(item.document.id)
        except BaseException:
            self.rollback()
            raise

    def delete(self, ids: Iterable[str]) -> int:
        return sum(self._articles.pop(name, None) is not None for name in list(ids))

    def move(self, document_id: str, origin: str) -> None:
        if document_id in self._articles:
            self._articles[document_id] = dataclasses.replace(self._articles[document_id], origin=origin)

    def ids_by_origin(self, chosen: Callable[[str], bool]) -> list[str]:
        return sorted(name for name, document in self._articles.items() if chosen(document.origin))

    def begin_commit(self) -> Committed:
        return Committed(self.commit())

    def commit(self) -> tuple[Refusal, ...]:
        refusals = []
        for name in sorted(self._added & self._articles.keys()):
            if reason := self._store.refused(document := self._articles[name]):
                refusals.append(Refusal(name, reason, document.origin, document))
                self._put_back(name)
        if self._articles != self._store.articles:
            self._store.articles = dict(self._articles)
            self._store.commits += 1
        self._added.clear()
        return tuple(refusals)

    def rollback(self) -> None:
        self._articles = dict(self._store.articles)
        self._added.clear()

    def close(self) -> None:
        self._store.written_to = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _put_back(self, name: str) -> None:
        """Have the committed article with this id, if there is one, instead of the added one."""
        del self._articles[name]
        if name in self._store.articles:
            self._articles[name] = self._store.articles[name]


def installed(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    """Register an engine whose one index is the store."""
    monkeypatch.setitem(ENGINES, "memory", Kind(store.location, lambda _: store))
    return store
