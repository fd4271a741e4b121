"""Whoosh's file storage made durable: stock Whoosh never calls fsync, and loses commits in a power cut."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile

from index.manifest import sync_folder


class DurableStorage(FileStorage):  # type: ignore[misc]  # Whoosh's classes are untyped
    """Files of one index folder; a rename (Whoosh's commit) happens only after all that it names is on disk."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self._folder = folder
        self._unsynced: set[str] = set()

    def create_file(self, name: str, **options: Any) -> StructFile:  # noqa: ANN401 - Whoosh's own options
        """Create a file and remember that it is not on disk yet."""
        self._unsynced.add(name)
        return super().create_file(name, **options)

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:  # noqa: FBT001, FBT002 - Whoosh's
        """Sync every file created since the last rename, rename in one step, sync the folder."""
        if safe and (self._folder / newname).exists():
            raise NameError(f"file {newname!r} exists")
        for name in self._unsynced:
            self._sync(self._folder / name)
        self._unsynced.clear()
        sync_folder(self._folder)
        (self._folder / oldname).replace(self._folder / newname)
        sync_folder(self._folder)

    @staticmethod
    def _sync(path: Path) -> None:
        if not path.exists():  # a temporary file that was merged into another
            return
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
