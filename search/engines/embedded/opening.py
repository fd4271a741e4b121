"""Opening the newest generation of an index folder while a rebuild may replace its files."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from index.engines.embedded.generation import Generation, open_newest
from index.errors import IndexDamagedError
from index.manifest import Manifest

OPEN_ATTEMPTS = 5
"""A rebuild may replace the files between reading the manifest and opening them; then the next attempt works."""

_Opened = TypeVar("_Opened")


def retrying(attempt: Callable[[], _Opened]) -> _Opened:
    """Return what the first of `OPEN_ATTEMPTS` attempts returns that finds the index undamaged.

    Raises:
        IndexDamagedError: the last attempt did not either.
    """
    for _ in range(OPEN_ATTEMPTS - 1):
        with suppress(IndexDamagedError):
            return attempt()
    return attempt()


def open_generation(folder: Path, manifest: Manifest, old: Generation | None) -> Generation:
    """Return the newest generation of the directory that `manifest` names; it shares the open segments of `old`.

    Raises:
        IndexDamagedError: no generation can be opened.
    """
    is_same = old is not None and old.folder == folder / manifest.directory
    return open_newest(folder, manifest.directory, old.by_name() if old is not None and is_same else None)
