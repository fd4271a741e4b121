"""CSV tables with a header: the fields of JSON Lines as columns, separated by commas, semicolons, tabs or bars."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import BinaryIO

from index.document import Notice
from index.sources.articles import MAX_TEXT, refusal_of
from index.sources.encodings import UndecodableError
from index.sources.fields import KEYS, Fields
from index.sources.files import InputFile
from index.sources.jsonlines import LineDecoder
from index.sources.records import Record, Unread
from index.sources.streams import MAX_LINE, FileRefusedError, read_lines

_DELIMITERS = (",", ";", "\t", "|")
_UNDECODED = re.compile("[\udc80-\udcff]")
"""Undecodable bytes in a line, decoded with surrogateescape, so that only their row is refused."""


def read_table(file: InputFile, stream: BinaryIO) -> Iterator[Record]:
    """Yield an article, or the reason why there is none, for every row.

    Raises:
        FileRefusedError: the header lacks a required column, or a cell of several lines is broken.
    """
    # The limit of the csv module is global to the process; all our readers set it to the same value.
    csv.field_size_limit(MAX_TEXT + 1)
    lines = _Lines(file, stream)
    first = next(lines, "")
    delimiter = max(_DELIMITERS, key=lambda mark: sum(name in KEYS for name in _names(first, mark)))
    header = _names(first, delimiter)
    _check(header)
    # Lines after a broken row may be the rest of its cell, so only rows with all columns count as articles from there.
    # After an error inside a cell of several lines, rows cannot be recognized any more.
    broken = False
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        start = lines.number + 1
        try:
            row = next(rows, None)
        except csv.Error as error:
            if lines.ended:
                raise FileRefusedError("a quotation mark is opened here and never closed; close it", start) from error
            if lines.number > start:
                raise FileRefusedError(f"broken CSV: {error}; correct the row", start) from error
            yield Unread(f"broken CSV: {error}; correct the row", start)
            broken = True
            continue
        yield from lines.notices()
        if row is None:
            return
        if broken and row and len(row) != len(header):
            yield Unread("an incomplete row after a broken one; correct that one", start)
        elif row:
            yield _article(header, row, file, start)


def _names(line: str, delimiter: str) -> list[str]:
    return [name.strip().strip('"').strip().lower() for name in line.strip("\r\n").split(delimiter)]


def _check(header: list[str]) -> None:
    listed = ", ".join(header)[:200]
    if "id" not in header:
        raise FileRefusedError(f'no column "id" in the first line; its columns are: {listed}', 1)
    if "text" not in header and "title" not in header:
        raise FileRefusedError(f'no column "text" or "title" in the first line; its columns are: {listed}', 1)


def _article(header: list[str], row: list[str], file: InputFile, line: int) -> Record:
    cells = dict(zip(header, row, strict=False))
    identity = cells.get("id", "").strip()
    if any(_UNDECODED.search(cell) for cell in row):
        return Unread("bytes that are neither UTF-8 nor a known Arabic code page; convert the file to UTF-8", line)
    if len(row) > len(header):
        reason = f"{len(row)} cells under {len(header)} columns; quote the cells with marks"
        return refusal_of(identity, reason, file.location(line))
    return Fields.from_mapping(cells, line=line)


class _Lines:
    """The decoded lines of a table, with their ends, for the csv module."""

    def __init__(self, file: InputFile, stream: BinaryIO) -> None:
        self.number = 0
        self.ended = False
        self._file = file
        self._lines = read_lines(stream, packed=False)
        self._decoder = LineDecoder()
        self._notices: list[Notice] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines, None)
        if line is None:
            self.ended = True
            raise StopIteration
        self.number = line.number
        if line.too_long:
            raise FileRefusedError(f"line of more than {MAX_LINE // 2**20} MB; split the article", line.number)
        try:
            decoded = self._decoder.decode(line.data)
        except UndecodableError:
            return line.data.decode("utf-8", "surrogateescape")
        if decoded.assumed:
            location = self._file.location(line.number)
            self._notices.append(Notice(location, f"not UTF-8: {decoded.assumed} was assumed"))
        return decoded.text

    def notices(self) -> Iterator[Notice]:
        """Yield the notices since the last call."""
        yield from self._notices
        self._notices.clear()
