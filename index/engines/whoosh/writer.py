"""The embedded writer: articles into the archive, their terms into Whoosh, in the order that loses nothing.

A commit (1) gives all terms to Whoosh's segment writer, where bad data can still fail, (2) commits the archive, (3)
commits Whoosh, (4) writes the manifest with the number of the change read up to. After a crash between 2 and 4 the
manifest lags behind the archive, and `index.build.repair` reads again what is missing.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from whoosh.index import EmptyIndexError
from whoosh.writing import SegmentWriter

from index.analysis.pipeline import ANALYZER_VERSION, load_analyzer
from index.analysis.tokens import Word
from index.archive import Archive
from index.document import AnalyzedDocument, TokenOffsets
from index.engines.whoosh.codec import BlockCodec, InversionPool
from index.engines.whoosh.schema import (
    DAY_COLUMN,
    ID_FIELD,
    MOMENT_COLUMN,
    NO_MOMENT,
    VALUE_SEPARATOR,
    encode_offsets,
    length_column,
    offsets_column,
    term_field,
    whoosh_schema,
)
from index.engines.whoosh.storage import DurableStorage
from index.errors import IndexDamagedError, IndexingError, IndexMismatchError, IndexMissingError, command
from index.lock import WriterLock
from index.manifest import (
    DEFAULT_ZONE,
    Manifest,
    new_generation,
    read_current_manifest,
    read_manifest,
    write_manifest,
)
from index.schema import FORMAT_VERSION, TokenField

_DIRECTORY_PREFIX = "whoosh-"


class WhooshWriter:
    """The one writer of an embedded index. Holds the lock from construction until `close`."""

    def __init__(self, folder: Path, *, create: str | None = None, rebuilding: bool = False) -> None:
        """Open the index in `folder` for writing; `create` makes one where none is, with days in that time zone.

        Raises:
            IndexMissingError: there is none and `create` is None.
            IndexLockedError: another writer is open.
            IndexMismatchError, IndexDamagedError: only `rebuild` can write this index (`rebuilding` opens it).
        """
        if create is not None:
            folder.mkdir(parents=True, exist_ok=True)
        elif not folder.is_dir():
            raise IndexMissingError(f"no index at {folder}; make one: {command('add PATH…', folder)}")
        self._folder = folder
        self._lock = WriterLock(folder)
        self._pending: dict[str, AnalyzedDocument | None] = {}
        with ExitStack() as opened:
            opened.callback(self._lock.release)
            self.archive = Archive(folder, create=create is not None)
            opened.callback(self.archive.close)
            self._manifest = self._opened_manifest(create, rebuilding=rebuilding)
            opened.pop_all()

    @property
    def manifest(self) -> Manifest:
        """What the newest committed generation was built with."""
        return self._manifest

    def add(self, documents: Iterable[AnalyzedDocument]) -> None:
        """See `IndexWriter.add`; the documents wait in memory for the commit."""
        for document in documents:
            self.archive.put(document.document)
            self._pending[document.document.id] = document

    def delete(self, ids: Iterable[str]) -> int:
        """See `IndexWriter.delete`."""
        deleted = 0
        for document_id in ids:
            if self.archive.delete(document_id):
                self._pending[document_id] = None
                deleted += 1
        return deleted

    def replay(self, changes: Iterable[tuple[str, AnalyzedDocument | None]]) -> None:
        """Take changes that the archive has already into the index: articles to put, or None to delete."""
        self._pending.update(changes)

    def commit(self) -> None:
        """See `IndexWriter.commit`.

        Raises:
            IndexingError: the disk refused. The old state stays searchable; when the archive had taken the articles
                already, the next opening of the index completes the commit.
        """
        if not self._pending:
            self.archive.commit()
            return
        try:
            with _translated(self._folder), self._segment_writer() as segment:
                self._hand_over(segment)
                self.archive.forget_former(self._manifest.change)
                self.archive.commit()
                segment.commit()
        except BaseException:
            self.rollback()
            raise
        self._pending.clear()
        self._publish(dataclasses.replace(self._manifest, change=self.archive.last_change()))

    def rollback(self) -> None:
        """See `IndexWriter.rollback`."""
        self._pending.clear()
        self.archive.rollback()

    def rebuild(self, batches: Iterable[Iterable[tuple[str, AnalyzedDocument | None]]]) -> None:
        """Build all index files anew from `batches` and swap them in; the old ones answer until then."""
        old = self._manifest.directory
        fresh = dataclasses.replace(self._manifest, directory=self._unused_directory())
        self._manifest = fresh
        try:
            with _translated(self._folder):
                self._create_files(fresh.directory)
                for batch in batches:
                    self._pending.update(batch)
                    with self._segment_writer() as segment:
                        self._hand_over(segment, known=False)
                        segment.commit()
                    self._pending.clear()
        except BaseException:
            self._pending.clear()
            self._manifest = dataclasses.replace(fresh, directory=old)
            shutil.rmtree(self._folder / fresh.directory, ignore_errors=True)
            raise
        self._publish(
            dataclasses.replace(
                fresh,
                format=FORMAT_VERSION,
                analyzer=ANALYZER_VERSION,
                fingerprint=load_analyzer().fingerprint(),
                change=self.archive.last_change(),
            )
        )
        self._remove_other_directories()

    def close(self) -> None:
        """Forget what was not committed and give the lock back."""
        try:
            self.rollback()
            self.archive.close()
        finally:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _opened_manifest(self, create: str | None, *, rebuilding: bool) -> Manifest:
        try:
            return read_manifest(self._folder) if rebuilding else read_current_manifest(self._folder)
        except IndexMissingError:
            if create is None and not rebuilding:
                raise
        except (IndexMismatchError, IndexDamagedError):
            if not rebuilding:
                raise
        manifest = Manifest(
            format=FORMAT_VERSION,
            analyzer=ANALYZER_VERSION,
            fingerprint=load_analyzer().fingerprint(),
            zone=create or DEFAULT_ZONE,
            directory=self._unused_directory(),
            generation=new_generation(),
            change=0,
            documents=0,
        )
        if not rebuilding:
            self._create_files(manifest.directory)
            write_manifest(self._folder, manifest)
        return manifest

    def _unused_directory(self) -> str:
        numbers = [int(path.name[len(_DIRECTORY_PREFIX) :]) for path in self._folder.glob(f"{_DIRECTORY_PREFIX}[0-9]*")]
        return f"{_DIRECTORY_PREFIX}{max(numbers, default=0) + 1:04d}"

    def _remove_other_directories(self) -> None:
        for path in self._folder.glob(f"{_DIRECTORY_PREFIX}[0-9]*"):
            if path.name != self._manifest.directory:
                shutil.rmtree(path, ignore_errors=True)

    def _create_files(self, directory: str) -> None:
        path = self._folder / directory
        path.mkdir()
        DurableStorage(path).create_index(whoosh_schema())

    @contextmanager
    def _segment_writer(self) -> Iterator[SegmentWriter]:
        directory = self._folder / self._manifest.directory
        for stray in directory.glob("*.tmp"):  # of a writer that was killed: no other can be at work
            shutil.rmtree(stray, ignore_errors=True)
        storage = DurableStorage(directory)
        # our own lock is held: Whoosh's would stay taken when this very line fails (a full disk)
        writer = SegmentWriter(storage.open_index(schema=whoosh_schema()), codec=BlockCodec(), _lk=False)
        writer.pool = InversionPool()  # Whoosh looks at no `poolclass`
        try:
            yield writer
        except BaseException:
            if not writer.is_closed:
                writer.cancel()
            raise
        finally:
            storage.close()

    def _hand_over(self, segment: SegmentWriter, *, known: bool = True) -> None:
        zone = ZoneInfo(self._manifest.zone)
        if known and self._manifest.documents:
            for document_id in self._pending:
                segment.delete_by_term(ID_FIELD, document_id)
        for document in self._pending.values():
            if document is not None:
                segment.add_document(**_whoosh_fields(document, zone))

    def _publish(self, manifest: Manifest) -> None:
        documents = self.archive.count()
        self._manifest = dataclasses.replace(manifest, generation=new_generation(), documents=documents)
        write_manifest(self._folder, self._manifest)


def _whoosh_fields(analyzed: AnalyzedDocument, zone: dt.tzinfo) -> dict[str, object]:
    document = analyzed.document
    values: dict[str, object] = {ID_FIELD: document.id}
    for section, text in analyzed.sections.items():
        for field, postings in _postings(text.words).items():
            values[term_field(section, field)] = postings
        values[length_column(section)] = sum(1 for word in text.words if word.terms)
        values[offsets_column(section)] = encode_offsets(TokenOffsets(text.starts, text.ends))
    for facet, given in document.facet_values().items():
        values[facet.value] = VALUE_SEPARATOR.join(given).encode("utf-8")
    moment = document.published_moment(zone)
    values[DAY_COLUMN] = analyzed.day.toordinal() if analyzed.day else 0
    values[MOMENT_COLUMN] = int(moment.timestamp()) if moment else NO_MOMENT
    return values


def _postings(words: Iterable[Word]) -> dict[TokenField, dict[str, tuple[float, list[int]]]]:
    fields: dict[TokenField, dict[str, tuple[float, list[int]]]] = {field: {} for field in TokenField}
    for position, word in enumerate(words):
        for field, term, weight in word.terms:
            known = fields[field].get(term)
            if known is None:
                fields[field][term] = (weight, [position])
            else:
                known[1].append(position)
                fields[field][term] = (known[0] + weight, known[1])
    return {field: postings for field, postings in fields.items() if postings}


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    """Turn Whoosh's and the disk's errors into ours."""
    try:
        yield
    except EmptyIndexError as error:
        raise IndexDamagedError(
            f"the index files in {folder} are gone; {command('rebuild', folder)} mends it"
        ) from error
    except OSError as error:
        raise IndexingError(f"{folder}: {error}; nothing was lost: free the disk and run the command again") from error
