"""Refused articles, written as JSON Lines, so that they can be corrected and added with `judhur index add`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from index.disk import opener, sync_folder
from index.document import Document, Listener, Notice, Refusal
from index.errors import SourceError
from index.schema import ARTICLE_FIELDS
from index.sources.bases import DATE_BASIS, date_basis_of


@contextmanager
def keeping_refused(path: Path | None, listener: Listener) -> Iterator[Listener]:
    """Yield a listener that passes all events to `listener` and writes each refused article to a new file at `path`.

    The file is created with the first refused article, with the mode of the files of an index, and is durable when the
    context ends, also by an exception. If `path` is None, nothing is written.

    Raises:
        SourceError: the file exists (it may be one of the sources), or its folder does not.
        OSError: the file cannot be written.
    """
    if path is not None and path.exists():
        raise SourceError(f"{path} exists already; remove it, or name a new file for the refused articles")
    if path is not None and not path.absolute().parent.is_dir():
        raise SourceError(
            f"no folder {path.absolute().parent}; create it, or name another file for the refused articles"
        )
    with ExitStack() as open_file:
        file: BinaryIO | None = None

        def write_refused(event: Refusal | Notice) -> None:
            nonlocal file
            if path is not None and isinstance(event, Refusal):
                file = file or open_file.enter_context(_durable(path))
                file.write(_line(event))
                file.flush()  # the line survives a kill of the process
            listener(event)

        yield write_refused


@contextmanager
def _durable(path: Path) -> Iterator[BinaryIO]:
    with open(path, "xb", opener=opener) as file:
        try:
            yield file
        finally:
            file.flush()
            os.fsync(file.fileno())
            sync_folder(path.absolute().parent)


def _line(refusal: Refusal) -> bytes:
    values = {"id": refusal.document_id, "reason": refusal.reason, "origin": refusal.origin}
    if refusal.document is not None:
        values |= _fields(refusal.document)
    # lone surrogates (from file names that are not UTF-8) become JSON escapes
    return (json.dumps(values, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


def _fields(document: Document) -> dict[str, str]:
    """Return the fields from which the reader of JSON Lines makes the same document, the text last."""
    values = {field.keys[0]: getattr(document, field.name) for field in ARTICLE_FIELDS if field.keys}
    if document.published is not None:
        values["date"] = document.published.isoformat()
    values |= {DATE_BASIS: date_basis_of(document), "text": values.pop("text")}
    return {key: value for key, value in values.items() if value}
