"""The reader of articles: every file under the given paths, one Document, Refusal or Notice at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from index.document import Document, Notice, Refusal
from index.errors import MissingExtraError
from index.sources.articles import MAX_ID, AssembledArticle, Assembler, one_line
from index.sources.feeds import read_feed
from index.sources.fields import Fields
from index.sources.files import InputFile, Kind, Origins, find_inputs
from index.sources.jsonlines import read_json_lines
from index.sources.pages import read_page
from index.sources.records import Found, Record, Refused, Unread
from index.sources.streams import FileRefusedError, Meter
from index.sources.tables import read_table
from index.sources.texts import TextFolders, text_id

Item = Document | Refusal | Notice


class RawArticle(NamedTuple):
    """An article whose fields were read, before it is assembled."""

    fields: Fields
    origin: str
    location: str
    """File and line, for refusals and notices."""
    number: int
    """File number and line as one number, unique in the run."""


_LINE_BITS = 40
"""Low bits of `RawArticle.number`, for the line; the number of the file is in the bits above."""


class ArticleReader:
    """Reads the articles under some paths in order, with one article in memory at a time.

    Ids are unique in a run: later articles with the same id are refused.
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
        self.assembler = Assembler(zone, today or dt.datetime.now(zone).date())
        self._folders = TextFolders()
        self._numbers: dict[str, int] = {}
        """Number of the first article of each id."""
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

    def __iter__(self) -> Iterator[Item]:
        """Yield the items of every file; each iteration reads all files from the start."""
        for item in self.read():
            if isinstance(item, RawArticle):
                assembled = self.assembler.assemble(item.fields, origin=item.origin, location=item.location)
                yield from self.resolved(item, assembled)
            else:
                yield item

    def read(self) -> Iterator[RawArticle | Refusal | Notice]:
        """Yield the items of every file with unassembled articles, for callers that assemble them.

        The caller must pass each article to `resolved`, in this order.
        """
        self._meter.restart()
        self._numbers.clear()
        yield from self._inputs.remarks
        for number, file in enumerate(self._inputs.files):
            yield from self._file(number, file)

    def resolved(self, article: RawArticle, assembled: AssembledArticle) -> Iterator[Item]:
        """Yield the outcome of `assembler` for an article and its notices, or a refusal if its id occurred before."""
        outcome = assembled.outcome
        if isinstance(outcome, Document):
            first = self._numbers.setdefault(outcome.id, article.number)
            if first != article.number:
                file = self._inputs.files[first >> _LINE_BITS]
                first_location = _location(file, first & ((1 << _LINE_BITS) - 1))
                yield Refusal(outcome.id, f"duplicate id in this run; first at {first_location}", article.location)
                return
        yield outcome
        yield from assembled.notices

    def _file(self, number: int, file: InputFile) -> Iterator[RawArticle | Refusal | Notice]:
        try:
            with self._meter.open(file) as stream:
                for record in self._records(file, stream):
                    yield from self._items(record, number, file)
        except FileRefusedError as error:
            self._failed.add(file.origin)
            name = text_id(file) if file.kind is Kind.TEXT else ""
            yield Refusal(name, str(error), _location(file, error.line))
        except MissingExtraError as error:
            self._failed.add(file.origin)
            yield Refusal("", str(error), file.origin)
        except OSError as error:
            self._failed.add(file.origin)
            yield Refusal("", f"reading failed: {error.strerror or error}; check the disk", file.origin)
        yield from self._folders.remarks()

    def _records(self, file: InputFile, stream: BinaryIO) -> Iterator[Record]:
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

    def _items(self, record: Record, number: int, file: InputFile) -> Iterator[RawArticle | Refusal | Notice]:
        match record:
            case Notice():
                yield record
            case Refused(document_id, reason, line):
                yield Refusal(one_line(document_id, MAX_ID), reason, _location(file, line))
            case Unread(reason, line):
                self._failed.add(file.origin)
                yield Refusal("", reason, _location(file, line))
            case Found(fields, line):
                yield RawArticle(fields, file.origin, _location(file, line), number << _LINE_BITS | line)


def _location(file: InputFile, line: int) -> str:
    return f"{file.origin}:{line}" if line else file.origin
