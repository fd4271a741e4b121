"""The files under the given paths, each once, in order, with kind and size; the origins that `--sync` may remove."""

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
"""The file with the metadata of the text files beside it; it is not read as articles."""


class Kind(enum.Enum):
    """The kinds of files that contain articles, each with its suffixes."""

    TEXT = (".txt",)
    JSON_LINES = (".jsonl", ".jsonl.gz")
    TABLE = (".csv",)
    PAGE = (".html", ".htm")
    FEED = (".xml", ".rss", ".atom")

    @classmethod
    def of(cls, name: str) -> Kind | None:
        """Return the kind for the suffix of a file name, or None."""
        return next((kind for kind in cls if name.lower().endswith(kind.value)), None)


@dataclasses.dataclass(frozen=True, slots=True)
class InputFile:
    """A file to read."""

    path: Path
    """Absolute; symbolic links in the given path are resolved, those inside a folder are not."""
    root: Path
    """The given folder, or the parent folder of a given file."""
    kind: Kind
    size: int
    """In bytes; for `.gz` the compressed size."""

    @property
    def origin(self) -> str:
        """The value of `Document.origin`."""
        return str(self.path)

    @property
    def name(self) -> str:
        """The path below the root, with slashes and suffix."""
        return self.path.relative_to(self.root).as_posix()

    def location(self, line: int) -> str:
        """Return file and line, for refusals and notices; the file alone if `line` is 0."""
        return f"{self.path}:{line}" if line else self.origin


@dataclasses.dataclass(frozen=True, slots=True)
class Origins:
    """The files and folders that this run reads."""

    roots: tuple[Path, ...]
    unreadable: tuple[Path, ...] = ()
    """Folders that could not be listed: their files are unknown."""

    def covers(self, origin: str) -> bool:
        """Return whether this run would have found an article of this origin if it still existed."""
        path = Path(origin)
        return _under(path, self.roots) and not _under(path, self.unreadable)


def _under(path: Path, folders: Sequence[Path]) -> bool:
    return any(path == folder or folder in path.parents for folder in folders)


@dataclasses.dataclass(frozen=True, slots=True)
class Inputs:
    """Everything under the given paths."""

    files: tuple[InputFile, ...]
    origins: Origins
    remarks: tuple[Refusal | Notice, ...]
    """Folders that could not be read, and files that were skipped."""


def find_inputs(paths: Sequence[Path]) -> Inputs:
    """Return the files to read under the paths, each once, in the order of the paths and then by name.

    Raises:
        SourceError: a path does not exist or has an unsupported kind.
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
        suffixes = ", ".join(suffix for supported in Kind for suffix in supported.value)
        raise SourceError(f'"{given}" is not a supported kind of file; give a folder or a file of: {suffixes}')
    return InputFile(path, path.parent, kind, path.stat().st_size)


def _folder_files(root: Path, remarks: list[Refusal | Notice], unreadable: list[Path]) -> Iterator[InputFile]:
    def refuse(error: OSError) -> None:
        folder = Path(error.filename)
        unreadable.append(folder)
        remarks.append(Refusal("", f"folder cannot be read: {error.strerror}; check its permissions", str(folder)))

    skipped: collections.Counter[str] = collections.Counter()
    count = 0
    for path in _walk(root, refuse):
        if not _is_text(path.name):
            name = path.name.encode("utf-8", "replace").decode()
            remarks.append(Refusal("", f'file name "{name}" is not UTF-8; rename the file', str(root)))
            continue
        kind = None if path.name == MANIFEST else Kind.of(path.name)
        if kind is not None:
            count += 1
            yield InputFile(path, root, kind, _size(path))
        elif path.name != MANIFEST:
            skipped[path.suffix or path.name] += 1
    if skipped:
        kinds = ", ".join(f"{number} {suffix}" for suffix, number in skipped.most_common(5))
        remarks.append(Notice(str(root), f"skipped files of unsupported kinds: {kinds}"))
    if not count:
        remarks.append(Notice(str(root), "no file of a supported kind in this folder"))


def _walk(root: Path, refuse: Callable[[OSError], None]) -> Iterator[Path]:
    """Yield the files below a folder in order of their names, without hidden ones; each folder is visited once."""
    visited: set[tuple[int, int]] = set()
    for folder, folders, names in os.walk(root, followlinks=True, onerror=refuse):
        status = Path(folder).stat()
        if (status.st_dev, status.st_ino) in visited:
            folders.clear()
            continue
        visited.add((status.st_dev, status.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith(".") and _is_text(name))
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(folder, name)


def _is_text(name: str) -> bool:
    """Return whether a file name is UTF-8; Python decodes other names to lone surrogates, which cannot be stored."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # a dangling link: reading it reports the error
