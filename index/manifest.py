"""What an index was built with: read before anything else is opened."""

from __future__ import annotations

import dataclasses
import json
import zlib
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from index import disk
from index.analysis.pipeline import ANALYZER_VERSION, load_analyzer
from index.errors import IndexDamagedError, IndexMismatchError, IndexMissingError, command
from index.schema import FORMAT_VERSION

MANIFEST_NAME = "manifest.json"


@dataclasses.dataclass(frozen=True, slots=True)
class Manifest:
    """The facts that hold for all generations of an embedded index."""

    format: int
    analyzer: str
    """Version of the analyzer."""
    fingerprint: str
    """Of the analyzer's code version and data; an index answers only to the same."""
    zone: str
    """IANA name of the time zone that days are counted in."""
    directory: str
    """Folder of the index files, beside this file."""


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of the index in `folder`.

    Raises:
        IndexMissingError: there is no index.
        IndexDamagedError: the file is no manifest.
        IndexMismatchError: the index has another format.
    """
    path = folder / MANIFEST_NAME
    try:
        values = json.loads(path.read_text("utf-8"))
        if values["format"] == FORMAT_VERSION:
            return _checked(**values)
    except FileNotFoundError:
        raise IndexMissingError(f"no index at {folder}; make one: {command('add PATH…', folder)}") from None
    except (ValueError, TypeError, KeyError) as error:
        raise IndexDamagedError(f"{path} is no manifest ({error}); {command('rebuild', folder)} mends it") from error
    raise IndexMismatchError(
        f"the index at {folder} has format {values['format']}, this Judhur reads format {FORMAT_VERSION}; "
        f"run {command('rebuild', folder)}"
    )


def zone_of_other_format(folder: Path) -> str | None:
    """Return the time zone of an index that an older Judhur built; None when its manifest tells none."""
    try:
        zone = json.loads((folder / MANIFEST_NAME).read_text("utf-8"))["zone"]
        return ZoneInfo(zone).key
    except (OSError, ValueError, TypeError, KeyError):
        return None


def read_current_manifest(folder: Path) -> Manifest:
    """Return the manifest of the index in `folder` if this code's analyzer wrote it.

    Raises:
        IndexMissingError, IndexDamagedError: as `read_manifest`.
        IndexMismatchError: the index has another format, or was built by another analyzer.
    """
    manifest = read_manifest(folder)
    fingerprint = load_analyzer().fingerprint()
    if manifest.fingerprint != fingerprint:
        raise IndexMismatchError(
            f"the index at {folder} was built by analyzer {manifest.analyzer} ({manifest.fingerprint[:12]}), this "
            f"Judhur has {ANALYZER_VERSION} ({fingerprint[:12]}); run {command('rebuild', folder)}"
        )
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put the manifest in place in one step; it is on disk when this returns."""
    path = folder / MANIFEST_NAME
    draft = draft_of_manifest(folder)
    with disk.NewFile(draft) as file:
        values = dataclasses.asdict(manifest) | {"checksum": _checksum(manifest)}
        file.write(json.dumps(values, ensure_ascii=False, indent=1).encode())
    disk.rename(draft, path)
    disk.sync_folder(folder)


def _checked(checksum: int, **values: Any) -> Manifest:  # noqa: ANN401 - whatever stands in the file
    manifest = Manifest(**values)
    if checksum != _checksum(manifest):
        raise ValueError("it is not what was written")
    return manifest


def _checksum(manifest: Manifest) -> int:
    return zlib.crc32(json.dumps(dataclasses.asdict(manifest), sort_keys=True).encode())


def draft_of_manifest(folder: Path) -> Path:
    """Return the file in which a manifest is written before it gets its name; a crash may leave it behind."""
    return folder / f"{Path(MANIFEST_NAME).stem}.new"
