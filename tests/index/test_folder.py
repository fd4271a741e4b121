"""The folder of an index: who can read it, whether it is on disk, and who may write to it."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from index import build, disk
from index.archive.upgrade import upgrade
from index.document import Refusal
from index.errors import IndexingError, IndexLockedError
from index.layout import ARCHIVE_NAME
from index.lock import LOCK_NAME, WriterLock
from index.refused import keeping_refused
from search.engines import open_engine
from tests.index import version_1
from tests.index.embedded import open_writer
from tests.index.test_build import SEEDS
from tests.torture.planting import Operation, intercepted


@contextmanager
def umask(value: int) -> Iterator[None]:
    before = os.umask(value)
    try:
        yield
    finally:
        os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def modes(folder: Path) -> tuple[set[int], set[int]]:
    """Return the modes of the folders and of the files below a folder."""
    paths = [folder, *folder.rglob("*")]
    return {mode(path) for path in paths if path.is_dir()}, {mode(path) for path in paths if path.is_file()}


UMASKS = [(0o000, 0o750, 0o640), (0o022, 0o750, 0o640), (0o027, 0o750, 0o640), (0o077, 0o700, 0o600)]


@pytest.mark.parametrize(("mask", "folders", "files"), UMASKS)
def test_others_cannot_read_an_index_whatever_the_umask(tmp_path: Path, mask: int, folders: int, files: int) -> None:
    index = tmp_path / "var" / "index"
    with umask(mask):
        build.add_articles(str(index), [SEEDS])
        build.rebuild(str(index))
        build.delete_articles(str(index), ["000_ad51391c0478e70a"])
        with closing(open_engine(str(index))) as engine, open_writer(str(index)), engine.searcher():
            names = {path.name for path in index.iterdir()}
            assert {ARCHIVE_NAME, f"{ARCHIVE_NAME}-wal", f"{ARCHIVE_NAME}-shm", LOCK_NAME} <= names
            assert modes(index) == ({folders}, {files})
    assert mode(tmp_path / "var") == folders


@pytest.mark.parametrize(("mask", "folders", "files"), UMASKS)
def test_others_cannot_read_the_copy_of_an_upgrade(tmp_path: Path, mask: int, folders: int, files: int) -> None:
    del folders
    index = version_1.copy_to(tmp_path / "index")
    seen: set[int] = set()

    def look(operation: Operation) -> None:
        if operation.name != "make_file":
            seen.update(mode(path) for path in index.glob(f"{ARCHIVE_NAME}.version-1*"))

    with umask(mask), intercepted(look):
        upgrade(index)
    assert seen == {files}


@pytest.mark.parametrize(("mask", "folders", "files"), UMASKS)
def test_others_cannot_read_the_refused_articles(tmp_path: Path, mask: int, folders: int, files: int) -> None:
    del folders
    path = tmp_path / "refused.jsonl"
    with umask(mask), keeping_refused(path, lambda _: None) as listener:
        listener(Refusal("a", "no text", "file"))
    assert mode(path) == files


def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    index = tmp_path / "index"
    index.mkdir()
    index.chmod(0o2775)
    build.add_articles(str(index), [SEEDS])
    assert mode(index) == 0o2775


def test_every_new_folder_above_an_index_is_on_disk_before_the_index_is(tmp_path: Path) -> None:
    index = tmp_path / "srv" / "judhur" / "index"
    order: list[tuple[str, Path]] = []

    with intercepted(lambda operation: order.append((operation.name, operation.path))):
        build.add_articles(str(index), [SEEDS])

    synced = [path for name, path in order if name == "sync_folder"]
    assert synced[:3] == [tmp_path, tmp_path / "srv", tmp_path / "srv" / "judhur"]
    assert [name for name, _ in order[:4]] == ["make_folders", *["sync_folder"] * 3]


def test_folders_are_made_in_a_folder_without_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    synced: list[Path] = []

    with intercepted(lambda operation: synced.append(operation.path)):
        disk.make_folders(Path("a/b"))
        disk.make_folders(Path("a/b"))

    assert (tmp_path / "a" / "b").is_dir()
    assert [path for path in synced if path != Path("a/b")] == [Path(), Path("a")]


def test_a_folder_that_cannot_be_synced_is_an_error(tmp_path: Path) -> None:
    def broken(operation: Operation) -> None:
        if operation.name == "sync_folder":
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(operation.path))

    with intercepted(broken), pytest.raises(IndexingError, match="Input/output error; nothing was changed"):
        build.add_articles(str(tmp_path / "a" / "b"), [SEEDS])


@pytest.mark.parametrize("below", [".", "index"])
def test_a_dangling_link_is_named_with_its_target(tmp_path: Path, below: str) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "unmounted")
    with pytest.raises(IndexingError, match=r"link is a link to .*unmounted, which does not exist; create"):
        build.add_articles(str(link / below), [SEEDS])
    (tmp_path / "unmounted").mkdir()
    assert build.add_articles(str(link / below), [SEEDS]).added == 5


def test_a_file_among_the_folders_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(IndexingError, match=r"/file: File exists; a file is in the place of the folder"):
        build.add_articles(str(tmp_path / "file" / "index"), [SEEDS])


def failing(code: int) -> OSError:
    return OSError(code, os.strerror(code))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOLCK, "has no locks (No locks available)"),
        (errno.EOPNOTSUPP, "has no locks (Operation not supported)"),
        (errno.ENOSYS, "has no locks (Function not implemented)"),
        (errno.EIO, "cannot be locked: Input/output error"),
    ],
)
def test_a_file_system_without_locks_is_said_to_be_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    def refuse(*_: object) -> None:
        raise failing(code)

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(IndexingError) as raised:
        build.add_articles(str(tmp_path / "index"), [SEEDS])
    assert words in str(raised.value)
    assert not isinstance(raised.value, IndexLockedError)


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (errno.ENOSPC, "free some disk space"),
        (errno.EDQUOT, "free some disk space"),
        (errno.EACCES, "as the user that owns the index"),
        (errno.EROFS, "as the user that owns the index"),
        (errno.EIO, "check the disk"),
    ],
)
@pytest.mark.parametrize("call", ["os.open", "os.pwrite", "os.ftruncate"])
def test_a_lock_file_that_cannot_be_written_is_an_error_with_a_remedy_and_frees_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int, remedy: str
) -> None:
    build.add_articles(str(tmp_path), [SEEDS])
    real = os.open

    def refuse(*arguments: object) -> int:
        if call == "os.open" and not str(arguments[0]).endswith(LOCK_NAME):
            return real(*arguments)  # type: ignore[arg-type]
        raise failing(code)

    with monkeypatch.context() as patch:
        patch.setattr(call, refuse)
        with pytest.raises(IndexingError, match=remedy):
            build.delete_articles(str(tmp_path), ["x"])
    assert build.delete_articles(str(tmp_path), ["x"]) == ("x",)


def test_a_holder_that_has_not_written_its_name_yet_is_waited_for(tmp_path: Path) -> None:
    """The moment between the lock and the name: the file is empty, or names the holder before."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    former = json.dumps({"process": ended.pid, "host": socket.gethostname()})
    for content in ("", former, "{", "null", '{"process": "x"}'):
        path = tmp_path / LOCK_NAME
        path.write_text(content)
        with path.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            name = json.dumps({"process": os.getpid(), "host": socket.gethostname()})
            timer = threading.Timer(0.2, path.write_text, [name])
            timer.start()
            with pytest.raises(IndexLockedError, match=rf'"process": {os.getpid()},'):
                WriterLock(tmp_path)
            timer.join()


def test_a_lock_that_is_freed_meanwhile_is_taken(tmp_path: Path) -> None:
    path = tmp_path / LOCK_NAME
    path.touch()
    with path.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        timer = threading.Timer(0.2, file.close)
        timer.start()
        with WriterLock(tmp_path):
            assert json.loads(path.read_text())["process"] == os.getpid()
        timer.join()


def test_a_holder_without_a_name_is_reported_after_a_second(tmp_path: Path) -> None:
    path = tmp_path / LOCK_NAME
    path.touch()
    with path.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(IndexLockedError, match="a process that gives no name"):
            WriterLock(tmp_path)


def test_a_shorter_name_replaces_a_longer_one(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).write_text(json.dumps({"process": 1, "host": "x" * 200}))
    with WriterLock(tmp_path), pytest.raises(IndexLockedError, match=rf'\{{"process": {os.getpid()}, "host": "[^x]*'):
        WriterLock(tmp_path)
    assert json.loads((tmp_path / LOCK_NAME).read_text())["process"] == os.getpid()
