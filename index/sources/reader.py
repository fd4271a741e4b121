"""The reader of articles: every file under the paths given, one Document, Refusal or Notice at a time."""

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
    """An article of which the fields were read, and nothing was made yet."""

    fields: Fields
    origin: str
    place: str
    """Where in the origin, for refusals and notices."""
    where: int
    """The same as a number that no other article of the run has."""


_LINE_BITS = 40
"""Enough for every line of a file of any size; the number of the file stands above them."""


class ArticleReader:
    """Reads the articles under some paths, in order, without holding more than one of them.

    An id is taken once in a run: the first article keeps it, later ones are refused.
    """

    def __init__(self, paths: Sequence[Path], *, zone: dt.tzinfo, today: dt.date | None = None) -> None:
        """Find the files.

        Args:
            paths: Folders and files.
            zone: The clock that dates without an offset are read by.
            today: Against which dates lie in the future; the day of `zone` by default.

        Raises:
            SourceError: a path does not exist or is of a kind that we do not read.
        """
        self._inputs = find_inputs(paths)
        self._meter = Meter(sum(file.size for file in self._inputs.files))
        self.assembler = Assembler(zone, today or dt.datetime.now(zone).date())
        self._folders = TextFolders()
        self._places: dict[str, int] = {}
        self._failed: set[str] = set()

    @property
    def fraction(self) -> float:
        """The share of the bytes of all files that was read, 0..1 (packed bytes of packed files)."""
        return self._meter.fraction

    @property
    def failed_origins(self) -> frozenset[str]:
        """Files of which a part could not be read, so far: their articles may still be there and must be kept."""
        return frozenset(self._failed)

    def origins(self) -> Origins:
        """Return which origins this run would have met; see `failed_origins` for those it met in part."""
        return self._inputs.origins

    def __iter__(self) -> Iterator[Item]:
        """Yield what every file holds; the reader can be run again from the start."""
        for item in self.read():
            if isinstance(item, RawArticle):
                reading = self.assembler.assemble(item.fields, origin=item.origin, place=item.place)
                yield from self.resolved(item, reading)
            else:
                yield item

    def read(self) -> Iterator[RawArticle | Refusal | Notice]:
        """Yield the same with articles as they stand in their files, for whoever has them assembled elsewhere.

        Each has to come back to `resolved`, in this order.
        """
        self._meter.restart()
        self._places.clear()
        yield from self._inputs.remarks
        for number, file in enumerate(self._inputs.files):
            yield from self._file(number, file)

    def resolved(self, article: RawArticle, reading: AssembledArticle) -> Iterator[Item]:
        """Yield what became of an article, given what `assembler` made of it: its id may be taken."""
        outcome = reading.outcome
        if isinstance(outcome, Document):
            first = self._places.setdefault(outcome.id, article.where)
            if first != article.where:
                file = self._inputs.files[first >> _LINE_BITS]
                at = _place(file, first & ((1 << _LINE_BITS) - 1))
                yield Refusal(outcome.id, f"duplicate id in this run; first at {at}", article.place)
                return
        yield outcome
        yield from reading.notices

    def _file(self, number: int, file: InputFile) -> Iterator[RawArticle | Refusal | Notice]:
        try:
            with self._meter.open(file) as stream:
                for record in self._records(file, stream):
                    yield from self._items(record, number, file)
        except FileRefusedError as error:
            self._failed.add(file.origin)
            name = text_id(file) if file.kind is Kind.TEXT else ""
            yield Refusal(name, str(error), _place(file, error.line))
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
                yield Refusal(one_line(document_id, MAX_ID), reason, _place(file, line))
            case Unread(reason, line):
                self._failed.add(file.origin)
                yield Refusal("", reason, _place(file, line))
            case Found(fields, line):
                yield RawArticle(fields, file.origin, _place(file, line), number << _LINE_BITS | line)


def _place(file: InputFile, line: int) -> str:
    return f"{file.origin}:{line}" if line else file.origin
