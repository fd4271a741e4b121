"""The manifest of an embedded index: format, analyzer, time zone and directory. It is read before all other files."""

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
from index.layout import MANIFEST_NAME
from index.schema import FORMAT_VERSION


@dataclasses.dataclass(frozen=True, slots=True)
class Manifest:
    """The properties that all generations of an embedded index share."""

    format: int
    analyzer: str
    """Version of the analyzer."""
    fingerprint: str
    """Digest of the analyzer's code version and data; only an analyzer with the same fingerprint can use the index."""
    zone: str
    """IANA name of the time zone of the days."""
    directory: str
    """Name of the folder of the index files, beside this file."""


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of the index in `folder`.

    Raises:
        IndexMissingError: there is no index.
        IndexDamagedError: the file is not a manifest.
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
        raise IndexDamagedError(f"{path} is not a manifest ({error}); run {command('rebuild', folder)}") from error
    raise IndexMismatchError(
        f"the index at {folder} has format {values['format']}, this Judhur reads format {FORMAT_VERSION}; "
        f"run {command('rebuild', folder)}"
    )


def zone_of_other_format(folder: Path) -> str | None:
    """Return the time zone of an index that an older Judhur built; None if its manifest has none."""
    try:
        zone = json.loads((folder / MANIFEST_NAME).read_text("utf-8"))["zone"]
        return ZoneInfo(zone).key
    except (OSError, ValueError, TypeError, KeyError):
        return None


def read_current_manifest(folder: Path) -> Manifest:
    """Return the manifest of the index in `folder` if this code's analyzer built it.

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
    """Write the manifest atomically; it is on disk when this returns."""
    path = folder / MANIFEST_NAME
    draft = draft_of_manifest(folder)
    with disk.NewFile(draft) as file:
        values = dataclasses.asdict(manifest) | {"checksum": _checksum(manifest)}
        file.write(json.dumps(values, ensure_ascii=False, indent=1).encode())
    disk.rename(draft, path)
    disk.sync_folder(folder)


def _checked(checksum: int, **values: Any) -> Manifest:  # noqa: ANN401 - values of a JSON file
    manifest = Manifest(**values)
    if checksum != _checksum(manifest):
        raise ValueError("the checksum does not match")
    return manifest


def _checksum(manifest: Manifest) -> int:
    return zlib.crc32(json.dumps(dataclasses.asdict(manifest), sort_keys=True).encode())


def draft_of_manifest(folder: Path) -> Path:
    """Return the temporary file of `write_manifest`, which is renamed at the end; a crash may leave it behind."""
    return folder / f"{Path(MANIFEST_NAME).stem}.new"
