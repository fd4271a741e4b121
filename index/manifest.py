"""The manifest of an embedded index: format, analyzer, time zone and directory. It is read before all other files."""

from __future__ import annotations

import dataclasses
import json
import shlex
import zlib
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from index import disk
from index.analysis.installed import load_analyzer
from index.errors import IndexDamagedError, IndexInconsistentError, IndexMismatchError, IndexMissingError, command
from index.layout import MANIFEST_NAME
from index.schema import FORMAT_VERSION

_RESTORING = "restoring"
"""Key of the one value of the placeholder that stands for a manifest during a restore."""


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
        IndexInconsistentError: a restore was interrupted.
    """
    path = folder / MANIFEST_NAME
    try:
        values = json.loads(path.read_text("utf-8"))
        if _RESTORING in values:
            raise _interrupted(folder, values[_RESTORING])
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
        IndexMissingError, IndexDamagedError, IndexInconsistentError: as `read_manifest`.
        IndexMismatchError: the index has another format, or was built by another analyzer.
    """
    manifest = read_manifest(folder)
    ours = load_analyzer().version
    if manifest.fingerprint != ours.fingerprint:
        raise IndexMismatchError(
            f"the index at {folder} was built by analyzer {manifest.analyzer} ({manifest.fingerprint[:12]}), this "
            f"Judhur has {ours.number} ({ours.fingerprint[:12]}); run {command('rebuild', folder)}"
        )
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest atomically; it is on disk when this returns."""
    _write(folder, dataclasses.asdict(manifest) | {"checksum": _checksum(manifest)})


def close_for_restore(folder: Path, source: Path) -> None:
    """Put a placeholder in the place of the manifest: until it is replaced, the index at `folder` does not open.

    The errors of those who try name the restore from `source` as the remedy.
    """
    _write(folder, {_RESTORING: str(source)})


def interrupted_restore(folder: Path) -> Path | None:
    """Return where the interrupted restore of the index in `folder` copied from; None if there was none."""
    try:
        return Path(json.loads((folder / MANIFEST_NAME).read_text("utf-8"))[_RESTORING])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _write(folder: Path, values: dict[str, Any]) -> None:
    draft = draft_of_manifest(folder)
    with disk.NewFile(draft) as file:
        file.write(json.dumps(values, ensure_ascii=False, indent=1).encode())
    disk.rename(draft, folder / MANIFEST_NAME)
    disk.sync_folder(folder)


def _interrupted(folder: Path, source: str) -> IndexInconsistentError:
    return IndexInconsistentError(
        f"a restore of the index at {folder} is under way, or was interrupted; if so, run it again: "
        f"{command(f'restore {shlex.quote(source)} --replace', folder)}, or index the articles that are there: "
        f"{command('rebuild', folder)}"
    )


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
