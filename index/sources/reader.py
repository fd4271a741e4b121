"""The reader of articles: it yields every article under the given paths, finished, with refusals and notices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from index.document import Document, Notice, Refusal
from index.errors import MissingExtraError
from index.sources.articles import Assembler
from index.sources.feeds import read_feed
from index.sources.fields import Fields
from index.sources.files import InputFile, Kind, Origins, find_inputs
from index.sources.jsonlines import read_json_lines
from index.sources.pages import read_page
from index.sources.records import Record, Unread
from index.sources.streams import FileRefusedError, Meter
from index.sources.tables import read_table
from index.sources.texts import TextFolders, text_id

_LINE_BITS = 40
"""Low bits of the number of an article, for its line; the number of its file is in the bits above."""


class ArticleReader:
    """Reads the articles under some paths in order, with one article in memory at a time.

    Later articles with the id of an earlier one are refused, except an entry with the id of another one of its feed.
    """

    def __init__(self, paths: Sequence[Path], *, zone: dt.tzinfo, today: dt.date | None = None) -> None:
        """Find the files.

        Args:
            paths: Folders and files.
            zone: The time zone of times without an offset.
            today: Dates after it are in the future; by default the current day in `zone`.

        Raises:
            SourceError: a path does not exist or has an unsupported kind.
        """
        self._inputs = find_inputs(paths)
        self._meter = Meter(sum(file.size for file in self._inputs.files))
        self._assembler = Assembler(zone, today or dt.datetime.now(zone).date())
        self._folders = TextFolders()
        self._numbers: dict[str, int] = {}
        """Number of the first article of each id; the entries of a feed have no lines, so they share one number."""
        self._failed: set[str] = set()

    @property
    def fraction(self) -> float:
        """The fraction of the bytes of all files that was read, 0..1 (compressed bytes of compressed files)."""
        return self._meter.fraction

    @property
    def failed_origins(self) -> frozenset[str]:
        """Files that could not be read completely so far: their articles may still exist and must not be removed."""
        return frozenset(self._failed)

    def origins(self) -> Origins:
        """Return the origins that this run covers; `failed_origins` has those that were not read completely."""
        return self._inputs.origins

    def read(self) -> Iterator[Document | Refusal | Notice]:
        """Yield articles, refusals and notices in the order of the files; the notices of an article follow it.

        Each call reads all files from the start.
        """
        self._meter.restart()
        self._numbers.clear()
        yield from self._inputs.remarks
        for number, file in enumerate(self._inputs.files):
            for record in self._records(file):
                match record:
                    case Fields():
                        yield from self._article(record, file, number)
                    case Unread(reason, line, document_id):
                        self._failed.add(file.origin)
                        yield Refusal(document_id, reason, file.location(line))
                    case Refusal() | Notice():
                        yield record
            yield from self._folders.remarks()

    def _records(self, file: InputFile) -> Iterator[Record]:
        """Yield the records of a file; if it cannot be read to its end, the last one is `Unread`."""
        try:
            with self._meter.open(file) as stream:
                yield from self._parsed(file, stream)
        except FileRefusedError as error:
            yield Unread(str(error), error.line, text_id(file) if file.kind is Kind.TEXT else "")
        except MissingExtraError as error:
            yield Unread(str(error))
        except OSError as error:
            yield Unread(f"reading failed: {error.strerror or error}; check the disk")

    def _parsed(self, file: InputFile, stream: BinaryIO) -> Iterator[Record]:
        match file.kind:
            case Kind.TEXT:
                return self._folders.read(file, stream)
            case Kind.JSON_LINES:
                return read_json_lines(file, stream)
            case Kind.TABLE:
                return read_table(file, stream)
            case Kind.PAGE:
                return read_page(file, stream)
            case Kind.FEED:
                return read_feed(stream)

    def _article(self, fields: Fields, file: InputFile, file_number: int) -> Iterator[Document | Refusal | Notice]:
        """Yield the article of the fields and its notices, or its refusal."""
        location = file.location(fields.line)
        article, notices = self._assembler.assemble(fields, origin=file.origin, location=location)
        if isinstance(article, Document):
            number = file_number << _LINE_BITS | fields.line
            first = self._numbers.setdefault(article.id, number)
            if first != number:
                first_file, first_line = self._inputs.files[first >> _LINE_BITS], first & ((1 << _LINE_BITS) - 1)
                reason = f"duplicate id in this run; first at {first_file.location(first_line)}"
                yield Refusal(article.id, reason, location)
                return
        yield article
        yield from notices
