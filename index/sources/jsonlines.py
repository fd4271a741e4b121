"""JSON Lines, compressed or not: one object per line, read line by line in bounded memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import BinaryIO

from index.document import Notice
from index.sources.articles import refusal_of
from index.sources.encodings import Decoded, UndecodableError, decode_as, decode_legacy
from index.sources.fields import Fields, WrongTypeError, text_of
from index.sources.files import InputFile
from index.sources.records import Record, Unread
from index.sources.streams import MAX_LINE, Line, read_lines

_BLANK = b" \t\r\n"


def read_json_lines(file: InputFile, stream: BinaryIO) -> Iterator[Record]:
    """Yield an article, or the reason why there is none, for every line that is not blank.

    Raises:
        FileRefusedError: the compressed file is truncated or damaged.
    """
    decoder = LineDecoder()
    for line in read_lines(stream, packed=file.path.name.lower().endswith(".gz")):
        if line.too_long:
            yield Unread(f"line of more than {MAX_LINE // 2**20} MB; split the article", line.number)
        elif line.data.strip(_BLANK):
            yield from _read(line, file, decoder)


class LineDecoder:
    """Decodes the lines of one file; the first line that is not UTF-8 determines the code page of all such lines."""

    def __init__(self) -> None:
        self._encoding = ""

    def decode(self, data: bytes) -> Decoded:
        """Return the text of a line; `assumed` is set for the first line of a code page only.

        Raises UndecodableError.
        """
        try:
            return Decoded(data.decode("utf-8"))
        except UnicodeDecodeError as error:
            if self._encoding:
                text = decode_as(data, self._encoding)
                if text is not None:
                    return Decoded(text)
            decoded = decode_legacy(data, error)
            self._encoding = decoded.encoding
            return decoded


def _read(line: Line, file: InputFile, decoder: LineDecoder) -> Iterator[Record]:
    try:
        decoded = decoder.decode(line.data)
        # strict=False accepts raw control characters inside strings; they are replaced and reported later.
        value: object = json.loads(decoded.text, strict=False)
    except UndecodableError as error:
        yield Unread(str(error), line.number)
        return
    except json.JSONDecodeError as error:
        yield Unread(f"broken JSON: {error.msg} at character {error.pos + 1}; correct the line", line.number)
        return
    except (RecursionError, ValueError):
        yield Unread("JSON nested too deeply or with a number too long; correct the line", line.number)
        return
    if decoded.assumed:
        yield Notice(file.location(line.number), f"not UTF-8: {decoded.assumed} was assumed")
    if not isinstance(value, dict):
        yield refusal_of("", "not a JSON object; give one object per line", file.location(line.number))
        return
    yield _article(value, file, line.number)


def _article(value: dict[str, object], file: InputFile, line: int) -> Record:
    identity = ""
    try:
        identity = text_of(value, "id")
        return Fields.from_mapping(value, line=line)
    except WrongTypeError as error:
        return refusal_of(identity, str(error), file.location(line))
