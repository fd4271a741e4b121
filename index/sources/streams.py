"""Byte streams of files: counted for progress, decompressed, read line by line in bounded memory."""

from __future__ import annotations

import codecs
import contextlib
import gzip
import io
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from index.errors import SourceError
from index.sources.files import InputFile

MAX_LINE = 64 * 1024 * 1024
"""Bytes of one line of JSON or CSV; ten million letters, all escaped, fit."""
MAX_FILE = 64 * 1024 * 1024
"""Bytes of a file that is one article or one feed and is read into memory."""
_CHUNK = 1 << 20


class FileRefusedError(SourceError):
    """A file, or the rest of it, cannot be read; the message has the reason and the remedy."""

    def __init__(self, reason: str, line: int = 0) -> None:
        """Store the reason and the line (0: the whole file)."""
        super().__init__(reason)
        self.line = line


class Meter:
    """Counts the bytes read of all files."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._current: BinaryIO | None = None

    @property
    def fraction(self) -> float:
        """The fraction of the bytes that was read, 0..1."""
        current = self._current.tell() if self._current is not None else 0
        return min(1.0, (self._done + current) / self._total) if self._total else 1.0

    def restart(self) -> None:
        """Restart the count."""
        self._done = 0

    @contextlib.contextmanager
    def open(self, file: InputFile) -> Iterator[BinaryIO]:
        """Open a file; its bytes count as they are read, and all of them when it is closed.

        Raises:
            FileRefusedError: it is empty or cannot be opened.
        """
        try:
            if not file.path.is_file():
                raise FileRefusedError("not a regular file or a dangling link; remove or correct it")
            stream = file.path.open("rb", buffering=0)
        except OSError as error:
            raise FileRefusedError(f"cannot be opened: {error.strerror}; check its permissions") from error
        with stream:
            if not file.size:
                raise FileRefusedError("empty file")
            self._current = stream
            try:
                yield stream
            finally:
                self._current = None
                self._done += file.size


class Line(NamedTuple):
    """A line of a file, with its line break."""

    number: int
    data: bytes
    """Empty if the line exceeds `MAX_LINE`."""
    too_long: bool = False


def read_whole(stream: BinaryIO) -> bytes:
    """Return the bytes of a file; raises FileRefusedError if it is larger than `MAX_FILE`."""
    data = b"".join(iter(lambda: stream.read(_CHUNK) if stream.tell() <= MAX_FILE else b"", b""))
    if len(data) > MAX_FILE:
        raise FileRefusedError(f"larger than {MAX_FILE // 2**20} MB; split it")
    return data


def read_lines(stream: BinaryIO, *, packed: bool) -> Iterator[Line]:
    """Yield the lines of a file; the content of a line over `MAX_LINE` is skipped.

    Raises:
        FileRefusedError: a compressed file is truncated or damaged; the lines before have been yielded.
    """
    number = 0
    try:
        lines = _buffered(stream, packed=packed)
        while data := lines.readline(MAX_LINE + 1):
            number += 1
            if len(data) > MAX_LINE and not data.endswith(b"\n"):
                del data
                _skip_line(lines)
                yield Line(number, b"", too_long=True)
            else:
                yield Line(number, data)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileRefusedError(
            f"the compressed file is damaged or truncated ({error}); copy it again", number + 1
        ) from error
    except UnicodeDecodeError as error:
        raise FileRefusedError(
            f"marked as UTF-16 but damaged ({error.reason}); convert it again", number + 1
        ) from error
    except OSError as error:
        raise FileRefusedError(f"reading failed: {error.strerror or error}; check the disk", number + 1) from error


def _skip_line(lines: io.BufferedReader) -> None:
    while data := lines.readline(_CHUNK):
        if data.endswith(b"\n"):
            return


def _buffered(stream: BinaryIO, *, packed: bool) -> io.BufferedReader:
    """Return the decompressed bytes in UTF-8 or an eight-bit encoding, without a byte order mark."""
    raw: io.RawIOBase = _Unpacked(stream) if packed else _Raw(stream)
    lines: io.BufferedReader = io.BufferedReader(raw, _CHUNK)
    start = lines.peek(len(codecs.BOM_UTF8))
    if start.startswith(codecs.BOM_UTF8):
        lines.read(len(codecs.BOM_UTF8))
    elif start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return io.BufferedReader(_Recoded(lines), _CHUNK)
    return lines


class _Raw(io.RawIOBase):
    """A stream as raw input; closing it leaves the stream open, which the meter closes."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._rest:
            self._rest = self._next(len(buffer))
        part, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)

    def _next(self, size: int) -> bytes:
        return self._stream.read(size)


class _Unpacked(_Raw):
    """The content of a gzip file; everything before a truncation is returned."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream)
        self._file = gzip.GzipFile(fileobj=stream)

    def _next(self, size: int) -> bytes:
        return self._file.read1(size)


class _Recoded(_Raw):
    """UTF-16 with a byte order mark, as UTF-8."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream)
        self._decoder = codecs.getincrementaldecoder("utf-16")()

    def _next(self, size: int) -> bytes:
        while data := self._stream.read(size):
            if text := self._decoder.decode(data):
                return text.encode("utf-8", "surrogatepass")
        return self._decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")
