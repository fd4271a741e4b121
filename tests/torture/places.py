"""Where the tests put what they are about to break."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 - named by the system, and asked for a folder of a name of its own


@contextmanager
def quick_folder() -> Iterator[Path]:
    """Return a new folder, in memory where the machine has such a place: there an fsync costs nothing."""
    with tempfile.TemporaryDirectory(dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None) as folder:
        yield Path(folder)
