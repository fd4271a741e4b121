"""The files under the paths given: found once, in order, with their kinds and sizes, and what `--sync` may conclude."""

from __future__ import annotations

import collections
import dataclasses
import enum
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from index.document import Notice, Refusal
from index.errors import SourceError

MANIFEST = "manifest.csv"
"""The file beside articles of text that holds their metadata; in a folder it is no article of its own."""


class Kind(enum.Enum):
    """The kinds of files that hold articles."""

    TEXT = (".txt",)
    JSON_LINES = (".jsonl", ".jsonl.gz")
    TABLE = (".csv",)
    PAGE = (".html", ".htm")
    FEED = (".xml", ".rss", ".atom")

    @classmethod
    def of(cls, name: str) -> Kind | None:
        """Return the kind that a file name ends in, or None."""
        return next((kind for kind in cls if name.lower().endswith(kind.value)), None)


@dataclasses.dataclass(frozen=True, slots=True)
class InputFile:
    """A file to be read."""

    path: Path
    """Absolute; symbolic links of the path given are resolved, those inside a folder are not."""
    root: Path
    """The folder given, or the file's own folder when the file was given."""
    kind: Kind
    size: int
    """Bytes, compressed ones for `.gz`."""

    @property
    def origin(self) -> str:
        """The value of `Document.origin`."""
        return str(self.path)

    @property
    def name(self) -> str:
        """The path below the root, with slashes and suffix."""
        return self.path.relative_to(self.root).as_posix()


@dataclasses.dataclass(frozen=True, slots=True)
class Origins:
    """Where articles of this run may come from."""

    roots: tuple[Path, ...]
    unreadable: tuple[Path, ...] = ()
    """Folders that could not be listed: nothing is known of what they hold."""

    def covers(self, origin: str) -> bool:
        """Tell whether an article of this origin would have been met in this run if it were still there."""
        path = Path(origin)
        return _under(path, self.roots) and not _under(path, self.unreadable)


def _under(path: Path, folders: Sequence[Path]) -> bool:
    return any(path == folder or folder in path.parents for folder in folders)


@dataclasses.dataclass(frozen=True, slots=True)
class Inputs:
    """Everything under the paths given."""

    files: tuple[InputFile, ...]
    origins: Origins
    remarks: tuple[Refusal | Notice, ...]
    """Folders that could not be read, and files that were passed over."""


def find_inputs(paths: Sequence[Path]) -> Inputs:
    """Return the files to read under the paths, each once, in the order of the paths and then by name.

    Raises:
        SourceError: a path does not exist or is of a kind that we do not read.
    """
    files: dict[Path, InputFile] = {}
    remarks: list[Refusal | Notice] = []
    unreadable: list[Path] = []
    roots = tuple(_resolved(path) for path in paths)
    for given, root in zip(paths, roots, strict=True):
        if root.is_dir():
            for found in _folder_files(root, remarks, unreadable):
                files.setdefault(found.path, found)
        else:
            single = _single_file(given, root)
            files.setdefault(single.path, single)
    return Inputs(tuple(files.values()), Origins(roots, tuple(unreadable)), tuple(remarks))


def _resolved(path: Path) -> Path:
    try:
        return path.resolve(strict=True)
    except (FileNotFoundError, NotADirectoryError):
        raise SourceError(f'no file or folder "{path}"; check the path') from None
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: a loop of links, before Python 3.13
        raise SourceError(f'cannot read "{path}": {error}; check the path and its permissions') from error


def _single_file(given: Path, path: Path) -> InputFile:
    kind = Kind.of(path.name)
    if kind is None or not path.is_file():
        suffixes = ", ".join(suffix for known in Kind for suffix in known.value)
        raise SourceError(f'"{given}" is not of a kind that we read; give a folder or a file of: {suffixes}')
    return InputFile(path, path.parent, kind, path.stat().st_size)


def _folder_files(root: Path, remarks: list[Refusal | Notice], unreadable: list[Path]) -> Iterator[InputFile]:
    def refuse(error: OSError) -> None:
        folder = Path(error.filename)
        unreadable.append(folder)
        remarks.append(Refusal("", f"folder cannot be read: {error.strerror}; check its permissions", str(folder)))

    passed: collections.Counter[str] = collections.Counter()
    met = 0
    for path in _walk(root, refuse):
        if not _is_text(path.name):
            name = path.name.encode("utf-8", "replace").decode()
            remarks.append(Refusal("", f'file name "{name}" is not UTF-8; rename the file', str(root)))
            continue
        kind = None if path.name == MANIFEST else Kind.of(path.name)
        if kind is not None:
            met += 1
            yield InputFile(path, root, kind, _size(path))
        elif path.name != MANIFEST:
            passed[path.suffix or path.name] += 1
    if passed:
        kinds = ", ".join(f"{count} {suffix}" for suffix, count in passed.most_common(5))
        remarks.append(Notice(str(root), f"passed over files of kinds that we do not read: {kinds}"))
    if not met:
        remarks.append(Notice(str(root), "no file of a kind that we read in this folder"))


def _walk(root: Path, refuse: Callable[[OSError], None]) -> Iterator[Path]:
    """Yield the files below a folder in order of their names; hidden ones and folders met before are left out."""
    met: set[tuple[int, int]] = set()
    for folder, folders, names in os.walk(root, followlinks=True, onerror=refuse):
        status = Path(folder).stat()
        if (status.st_dev, status.st_ino) in met:
            folders.clear()
            continue
        met.add((status.st_dev, status.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith(".") and _is_text(name))
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(folder, name)


def _is_text(name: str) -> bool:
    """Tell whether the bytes of a file's name are UTF-8; others come as lone surrogates, which nothing can store."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # a dangling link: reading it says what is wrong
