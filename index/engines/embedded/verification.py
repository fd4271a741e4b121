"""The last verification of an embedded index: a file in its folder."""

from __future__ import annotations

import json
from pathlib import Path

from index import disk
from index.layout import VERIFICATION_NAME
from index.status import Verification


def keep_verification(folder: Path, directory: str, problems: int) -> None:
    """Write the outcome of a verification of the index files in `directory`, replacing the one before.

    Raises:
        OSError: this user may not write to the folder, or the disk is full.
    """
    draft = folder / f"{VERIFICATION_NAME}.new"
    with disk.NewFile(draft) as file:
        file.write(json.dumps({**Verification.now(problems).values(), "directory": directory}).encode())
    disk.rename(draft, folder / VERIFICATION_NAME)
    disk.sync_folder(folder)


def last_verification(folder: Path, directory: str) -> Verification | None:
    """Return the last verification of the index files in `directory`; None if there was none since they were built."""
    try:
        values = json.loads((folder / VERIFICATION_NAME).read_bytes())
        return Verification.of(values) if values["directory"] == directory else None
    except (OSError, ValueError, TypeError, KeyError):
        return None
