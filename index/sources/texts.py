"""Text files: one article per file, optionally with a `manifest.csv` beside the files or in a parent folder."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from index.document import Notice, Refusal
from index.sources.encodings import UndecodableError, decode
from index.sources.fields import Fields
from index.sources.files import MANIFEST, InputFile
from index.sources.records import Record
from index.sources.streams import FileRefusedError, read_whole


class TextFolders:
    """Reads text files; caches the manifests of their folders."""

    def __init__(self) -> None:
        self._manifests: dict[Path, Mapping[str, Mapping[str, str]]] = {}
        self._remarks: list[Refusal | Notice] = []

    def read(self, file: InputFile, stream: BinaryIO) -> Iterator[Record]:
        """Yield the one article of the file.

        Raises:
            FileRefusedError: it is not text.
        """
        try:
            decoded = decode(read_whole(stream))
        except UndecodableError as error:
            raise FileRefusedError(str(error)) from error
        if decoded.assumed:
            yield Notice(file.origin, f"not UTF-8: {decoded.assumed} was assumed")
        row = self._row(file)
        identity = row.get("id", "").strip() or text_id(file)
        yield Fields.from_mapping({**row, "id": identity, "text": decoded.text}, title_in_text=True)

    def remarks(self) -> Iterator[Refusal | Notice]:
        """Yield the problems of manifests since the last call."""
        yield from self._remarks
        self._remarks.clear()

    def _row(self, file: InputFile) -> Mapping[str, str]:
        """Return the row of the file in the nearest manifest that names it; empty if none does."""
        for folder in file.path.parents:
            row = self._manifest(folder).get(file.path.relative_to(folder).as_posix())
            if row is not None:
                return row
            if folder == file.root:
                break
        return {}

    def _manifest(self, folder: Path) -> Mapping[str, Mapping[str, str]]:
        if folder not in self._manifests:
            self._manifests[folder] = self._load(folder / MANIFEST)
        return self._manifests[folder]

    def _load(self, path: Path) -> Mapping[str, Mapping[str, str]]:
        if not path.is_file():
            return {}
        try:
            rows = list(csv.reader(io.StringIO(decode(path.read_bytes()).text, newline="")))
        except (UndecodableError, csv.Error, OSError) as error:
            self._remarks.append(Refusal("", f"the manifest cannot be read: {error}", str(path)))
            return {}
        header = [name.strip().lower() for name in rows[0]] if rows else []
        if "file" not in header:
            self._remarks.append(Refusal("", 'the manifest has no column "file"; add it to its first line', str(path)))
            return {}
        named = [dict(zip(header, row, strict=False)) for row in rows[1:] if row]
        manifest = {row["file"].strip(): row for row in named if row.get("file", "").strip()}
        missing = [name for name in manifest if not (path.parent / name).is_file()]
        if missing:
            self._remarks.append(
                Notice(str(path), f'{len(missing)} files named here are missing, first "{missing[0]}"')
            )
        return manifest


def text_id(file: InputFile) -> str:
    """Return the default id of a text file: its path below the given folder, without suffix."""
    return str(PurePosixPath(file.name).with_suffix(""))
