"""An in-memory index that implements the protocols of the write path; it can refuse articles."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

import pytest

from index import build
from index.document import AnalyzedDocument, Document, Refusal
from index.engines import store_of
from index.errors import IndexMissingError
from index.writer import Analyzing, ArticleWriter, Existing, Progress, Status, Store

PLACE = "memory:"
"""Prefix of the location of such an index."""


class MemoryStore:
    """The index at one location; `refused` tells why its engine would not take an article, at the next commit."""

    def __init__(self, location: str = PLACE, refused: Callable[[Document], str] = lambda _: "") -> None:
        self.location = location
        self.refused = refused
        self.articles: dict[str, Document] = {}
        self.commits = 0
        self._zone: ZoneInfo | None = None

    def writer(self, *, create: str | None = None) -> MemoryWriter:
        self._zone = self._zone or (ZoneInfo(create) if create else None)
        return MemoryWriter(self)

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
        return 0

    def behind(self) -> int:
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
            size_bytes=0,
        )

    def verify(self) -> tuple[str, ...]:
        return ()

    def rebuild(self, analyzed: Analyzing, progress: Progress | None = None) -> int:
        del progress
        with analyzed(self.documents()) as documents:
            return sum(1 for _ in documents)

    def roll_back(self, analyzed: Analyzing, progress: Progress | None = None) -> int:
        raise NotImplementedError


class MemoryWriter:
    """Its one writer."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._articles = dict(store.articles)
        self._added: dict[str, Document] = {}
        self._refusals: list[Refusal] = []

    @property
    def zone(self) -> ZoneInfo:
        return self._store.zone()

    def existing(self, ids: Sequence[str]) -> dict[str, Existing]:
        there = self._articles | self._added
        return {name: Existing(there[name].content_hash(), there[name].origin) for name in ids if name in there}

    def add(self, documents: Iterable[AnalyzedDocument]) -> None:
        self._added.update((item.document.id, item.document) for item in documents)

    def delete(self, ids: Iterable[str]) -> int:
        return sum(self._articles.pop(name, None) is not None for name in list(ids))

    def move(self, document_id: str, origin: str) -> None:
        for articles in (self._articles, self._added):
            if document_id in articles:
                articles[document_id] = dataclasses.replace(articles[document_id], origin=origin)

    def ids_by_origin(self, chosen: Callable[[str], bool]) -> list[str]:
        return sorted(name for name, document in self._articles.items() if chosen(document.origin))

    def refusals(self) -> tuple[Refusal, ...]:
        refusals, self._refusals = tuple(self._refusals), []
        return refusals

    def begin_commit(self) -> None:
        self.commit()

    def finish_commit(self) -> None:
        pass

    def commit(self) -> None:
        for document in self._added.values():
            if reason := self._store.refused(document):
                self._refusals.append(Refusal(document.id, reason, document.origin, document))
            else:
                self._articles[document.id] = document
        self._added.clear()
        self._store.articles = dict(self._articles)
        self._store.commits += 1

    def rollback(self) -> None:
        self._articles = dict(self._store.articles)
        self._added.clear()

    def close(self) -> None:
        self.rollback()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def installed(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    """Have `index.build` find the store at its location, and all others where they are."""

    def found(location: str) -> Store:
        return store if location == store.location else store_of(location)

    monkeypatch.setattr(build, "store_of", found)
    return store


def kept_promise(store: MemoryStore) -> tuple[Store, ArticleWriter]:
    """Return the two as their seams, which is what the type checker looks at."""
    return store, store.writer()
