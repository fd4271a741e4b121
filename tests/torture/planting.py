"""Fault injection into index/disk.py: a function is called before every operation of the writer on its files."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from index import disk

HINT = (
    "no operation of index/disk.py was intercepted: all files of an index folder except SQLite's must be written by "
    "NewFile.write/finish, rename, remove and sync_folder of that module, or these tests check nothing"
)


@dataclasses.dataclass(frozen=True, slots=True)
class Operation:
    """One operation before it is executed."""

    number: int
    """Counted from 1."""
    name: str
    """`create`, `write`, `finish`, `discard`, or a function of index/disk.py."""
    path: Path
    begin: Callable[[], None]
    """Executes half of it, visible to other processes: half of a write, the close in a discard, or nothing."""


@contextmanager
def intercepted(before: Callable[[Operation], None]) -> Iterator[list[str]]:
    """Call `before` ahead of every operation; yield the list that collects the names of the operations."""
    names: list[str] = []

    def announce(name: str, path: Path, begin: Callable[[], None] = lambda: None) -> None:
        names.append(name)
        before(Operation(len(names), name, path, begin))

    def watched(name: str, original: Callable[..., Any], path_of: Callable[..., Path]) -> Callable[..., Any]:
        def replacement(*arguments: Any, **named: Any) -> Any:
            announce(name, path_of(*arguments), _first_half(name, arguments))
            return original(*arguments, **named)

        return replacement

    with ExitStack() as patches:
        for method, name in (("__init__", "create"), ("write", "write"), ("finish", "finish"), ("discard", "discard")):
            original = getattr(disk.NewFile, method)
            place = _given_path if method == "__init__" else _own_path
            patches.enter_context(mock.patch.object(disk.NewFile, method, watched(name, original, place)))
        for function in (
            disk.sync_file, disk.rename, disk.remove, disk.make_folder, disk.make_folders, disk.make_file,
            disk.remove_folder, disk.sync_folder,
        ):  # fmt: skip
            replacement = watched(function.__name__, function, lambda path, *_: path)
            # A module with `from index.disk import rename` has its own reference, which is replaced too.
            for module in [loaded for name, loaded in sys.modules.items() if name.startswith(("index", "search"))]:
                for name in [name for name, value in list(vars(module).items()) if value is function]:
                    patches.enter_context(mock.patch.object(module, name, replacement))
        yield names


def _given_path(_: disk.NewFile, path: Path) -> Path:
    return path


def _own_path(file: disk.NewFile, *_: object) -> Path:
    return file.path


def _first_half(name: str, arguments: tuple[Any, ...]) -> Callable[[], None]:
    def begin() -> None:
        if name == "write":
            file, data = arguments
            whole = bytes(data)
            file._file.write(whole[: len(whole) // 2])
            file._file.flush()
        elif name == "discard":
            arguments[0]._file.close()

    return begin
