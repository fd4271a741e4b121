"""The articles that did not go in, kept as JSON Lines: to be mended, and given to `judhur index add` again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from index.disk import sync_folder
from index.document import Document, Listener, Notice, Refusal
from index.errors import SourceError
from index.schema import ARTICLE_FIELDS
from index.sources.bases import DATE_BASIS, said_of


@contextmanager
def keeping_refused(path: Path | None, listener: Listener) -> Iterator[Listener]:
    """Give a listener that passes everything on to `listener` and writes each refused article into a file at `path`.

    The file is made with the first of them; it is on disk when the context ends, in whatever way. Without a path
    nothing is written.

    Raises:
        SourceError: there is such a file already, which may be one that is being read; or no folder for it.
        OSError: the disk refused.
    """
    if path is not None and path.exists():
        raise SourceError(f"{path} is there already; remove it, or name a new file for the refused articles")
    if path is not None and not path.absolute().parent.is_dir():
        raise SourceError(f"no folder {path.absolute().parent}; make it, or name another file for the refused articles")
    with ExitStack() as opened:
        file: BinaryIO | None = None

        def listening(event: Refusal | Notice) -> None:
            nonlocal file
            if path is not None and isinstance(event, Refusal):
                file = file or opened.enter_context(_durable(path))
                file.write(_line(event))
                file.flush()  # whoever kills the command has the line
            listener(event)

        yield listening


@contextmanager
def _durable(path: Path) -> Iterator[BinaryIO]:
    with path.open("xb") as file:
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
    # a surrogate, as names of files have them, is written as JSON's own escape of it
    return (json.dumps(values, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


def _fields(document: Document) -> dict[str, str]:
    """Return the fields from which the reader of JSON Lines makes the same document, the text last."""
    values = {field.keys[0]: getattr(document, field.name) for field in ARTICLE_FIELDS if field.keys}
    if document.published is not None:
        values["date"] = document.published.isoformat()
    values |= {DATE_BASIS: said_of(document), "text": values.pop("text")}
    return {key: value for key, value in values.items() if value}
