"""Opening an index for Whoosh: each reader sees the newest generation, errors are Judhur's, and writing is refused."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, NoReturn

from whoosh.fields import Schema
from whoosh.index import Index

from index.archive.reader import Archive
from index.engines.embedded.generation import Generation
from index.engines.embedded.pairing import check_readable
from index.engines.embedded.store import folder_of
from index.errors import command
from index.location import is_url, redacted
from index.manifest import read_current_manifest
from search.engines.embedded.opening import open_generation, retrying
from search.engines.errors import translated
from search.engines.whoosh_reader.codec import ArticleReader
from search.engines.whoosh_reader.schema import whoosh_schema
from search.engines.whoosh_reader.view import View
from search.errors import EngineUnavailableError

# ruff: noqa: ANN401 - the signatures are Whoosh's, whose classes are untyped


def open_whoosh_index(location: str | Path) -> ArticleIndex:
    """Return the index in a folder as a read-only `whoosh.index.Index`.

    Queries, parsers, collectors, facets, highlighters and expansion models of Whoosh work on it; `schema` has the
    fields (docs/how-to/use-whoosh.md). Each `reader()` and `searcher()` sees the newest generation at the time it is
    opened, and no later commits; `searcher.refresh()` returns a searcher of the newest generation.

    Raises:
        IndexOutdatedError: another analyzer or format built the index; the message has the command that rebuilds it.
        EngineUnavailableError: there is no index, it is damaged, or it is on a cluster; the message has the remedy.
    """
    if is_url(str(location)):
        raise EngineUnavailableError(
            f"{redacted(str(location))} is on a cluster, and Whoosh can read only folders: search it with "
            "`search.engines.open_engine`, or build an index in a folder from the same articles"
        )
    with translated():
        return ArticleIndex(folder_of(str(location)))


class ArticleIndex(Index):  # type: ignore[misc]  # Whoosh's classes are untyped
    """The index in a folder."""

    def __init__(self, folder: Path) -> None:
        """Check that the index can be read; see `open_whoosh_index`.

        Raises:
            IndexingError: it cannot; the subclass gives the reason.
        """
        self._folder = folder
        self._schema = whoosh_schema()
        generation = self._open(None)
        with closing(Archive(folder)) as archive:
            check_readable(folder, archive, generation.commit_point)

    @property
    def schema(self) -> Schema:
        """The schema, which is the same for every index."""
        return self._schema

    def is_empty(self) -> bool:
        """Return whether the index has no articles."""
        return bool(self.doc_count() == 0)

    def latest_generation(self) -> str:
        """Return the name of the newest generation, which changes with every commit and rebuild."""
        with translated():
            return self._open(None).commit_point.generation

    def last_modified(self) -> float:
        """Return the time of the newest commit, in seconds since 1970."""
        with translated():
            generation = self._open(None)
        return (generation.folder / generation.commit_point.file).stat().st_mtime

    def reader(self, reuse: ArticleReader | None = None) -> ArticleReader:
        """Return a reader of the newest generation; it reuses open segments of `reuse`, which is closed.

        Raises:
            IndexOutdatedError, EngineUnavailableError: as `open_whoosh_index`.
        """
        with translated(), ExitStack() as opened:
            generation = self._open(reuse.view.generation if reuse is not None and reuse.view is not None else None)
            archive = Archive(self._folder)
            opened.callback(archive.close)
            check_readable(self._folder, archive, generation.commit_point)
            reader = ArticleReader(self._schema, View(generation, archive))
            opened.pop_all()
        if reuse is not None:
            reuse.close()
        return reader

    def writer(self, procs: int = 1, **kwargs: Any) -> NoReturn:
        """Writing is not supported.

        Raises:
            NotImplementedError: always.
        """
        del procs, kwargs
        raise NotImplementedError(
            f"Whoosh reads this index but cannot write it: add articles with {command('add PATH…', self._folder)}, or "
            "with `index.engines.store_of(…).writer()`"
        )

    def _open(self, old: Generation | None) -> Generation:
        """Return the newest generation; segments that `old` has open are reused."""
        return retrying(lambda: open_generation(self._folder, read_current_manifest(self._folder), old))
