"""Folders for indexes that the tests damage."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 - the system's name; the folder in it gets a unique name


@contextmanager
def quick_folder() -> Iterator[Path]:
    """Yield a new folder, in memory if the machine has /dev/shm, where an fsync costs nothing."""
    with tempfile.TemporaryDirectory(dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None) as folder:
        yield Path(folder)
