"""Reading an archive: without the right to write, without leaving files, beside a writer, with few open files."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from index import build
from index.archive.connections import MAX_IDLE
from index.archive.reader import Archive
from index.archive.writer import ArchiveWriter
from index.document import Document
from index.engines import store_of
from index.errors import IndexingError
from index.layout import ARCHIVE_NAME, VERIFICATION_NAME
from search.engine import EngineRequest, Listing
from search.engines import open_engine
from search.query import MatchAll
from tests.index.embedded import open_writer
from tests.torture import library

NOBODY = 65534
ROOT = Path(__file__).parents[3]

READING = """
import os, sys
sys.path.insert(0, {root!r})
from index import build
from search.engine import EngineRequest, Listing
from search.engines import open_engine
from search.query import MatchAll
def read(location):
    engine = open_engine(location)
    with engine.searcher() as searcher:
        hits = searcher.search(EngineRequest(Listing(MatchAll()), limit=100)).hits
        found = len([article for article in searcher.get_many([hit.id for hit in hits]) if article])
    engine.close()
    return found, build.status(location).documents, len(build.verify(location))
read({copy!r})  # imports what it needs, which the other user may not read
os.setgid({user}); os.setuid({user})
print(*read({location!r}))
"""
"""Reads an index as another user; prints numbers of articles found, counted, and of problems."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An index in a folder of a group that may read, but not write; new files have this group too."""
    folder = tmp_path / "index"
    folder.mkdir(0o750)
    if os.geteuid() == 0:
        os.chown(folder, -1, NOBODY)
        folder.chmod(0o2750)
        for parent in folder.parents:
            if parent.is_relative_to("/tmp") and parent != Path("/tmp"):  # noqa: S108 - pytest's folders are private
                parent.chmod(parent.stat().st_mode | 0o755)
    library.make(str(folder))
    return folder


def read_by_another(folder: Path) -> str:
    """Return what a process prints that reads an index as a user without the right to write."""
    if os.geteuid() != 0:
        pytest.skip("takes the right to become another user")
    copy = shutil.copytree(folder, folder.with_name("copy"), dirs_exist_ok=True)
    source = READING.format(root=str(ROOT), user=NOBODY, location=str(folder), copy=str(copy))
    run = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False)
    return run.stdout or run.stderr


@contextmanager
def killed_writer(folder: Path) -> Iterator[None]:
    """Leave the index as a writer does that is killed after a commit, with the commit in SQLite's log."""
    source = (
        f"import os, sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from tests.index.embedded import open_writer\nfrom tests.torture import library\n"
        f"writer = open_writer({str(folder)!r})\nwriter.add([library.article(60)])\nwriter.commit()\n"
        f"os.kill(os.getpid(), {int(signal.SIGKILL)})"
    )
    subprocess.run([sys.executable, "-c", source], check=False)
    assert Path(f"{folder / ARCHIVE_NAME}-wal").stat().st_size > 0
    yield


def names(folder: Path) -> list[str]:
    paths = (path for path in folder.rglob("*") if path.name != VERIFICATION_NAME)
    return sorted(str(path.relative_to(folder)) for path in paths)


def search_and_read(location: str) -> int:
    engine = open_engine(location)
    try:
        with engine.searcher() as searcher:
            hits = searcher.search(EngineRequest(Listing(MatchAll()), limit=100)).hits
            return sum(article is not None for article in searcher.get_many([hit.id for hit in hits]))
    finally:
        engine.close()


def test_a_user_without_the_right_to_write_reads_an_index(folder: Path) -> None:
    before = names(folder)
    assert read_by_another(folder).split() == ["38", "38", "0"]
    assert names(folder) == before


def test_a_user_without_the_right_to_write_reads_beside_a_writer(folder: Path) -> None:
    with open_writer(str(folder)) as writer:
        writer.add([library.article(60)])
        writer.commit()
        before = names(folder)
        assert read_by_another(folder).split() == ["39", "39", "0"]
        assert names(folder) == before


def test_a_user_without_the_right_to_write_reads_what_a_killed_writer_left(folder: Path) -> None:
    with killed_writer(folder):
        assert read_by_another(folder).split() == ["39", "39", "0"]


def test_a_log_without_its_shared_file_names_the_remedy(folder: Path) -> None:
    with killed_writer(folder):
        Path(f"{folder / ARCHIVE_NAME}-shm").unlink()
        assert "run `judhur index verify` as the user who owns the folder" in read_by_another(folder)
        assert build.verify(str(folder)) == ()
        assert read_by_another(folder).split() == ["39", "39", "0"]


def test_searches_and_status_leave_no_files(folder: Path) -> None:
    before = names(folder)
    assert search_and_read(str(folder)) == 38
    build.status(str(folder))
    build.verify(str(folder))
    assert list(store_of(str(folder)).documents())
    assert names(folder) == before


def test_a_writer_leaves_no_log(folder: Path) -> None:
    with open_writer(str(folder)) as writer:
        writer.add([library.article(60)])
        writer.commit()
    assert not [name for name in names(folder) if name.endswith(("-wal", "-shm"))]
    engine = open_engine(str(folder))
    with engine.searcher() as searcher:  # its connections stay open
        assert searcher.get_many(["060"])[0]
        with open_writer(str(folder)) as writer:
            writer.add([library.article(61)])
            writer.commit()
            with engine.searcher() as newer:
                assert newer.get_many(["061"])[0]
    log = Path(f"{folder / ARCHIVE_NAME}-wal")
    assert not log.exists() or log.stat().st_size == 0, "readers with open connections do not keep the log"
    engine.close()


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - links that go away meanwhile


def test_bursts_of_threads_leave_few_open_files(folder: Path) -> None:
    engine = open_engine(str(folder), cache_mb=0)

    def burst(readers: int) -> None:
        ready = threading.Barrier(readers)

        def read() -> None:
            ready.wait()
            with engine.searcher() as searcher:
                assert searcher.get_many(["001"])[0]

        threads = [threading.Thread(target=read) for _ in range(readers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    with open_writer(str(folder)) as writer:  # with a log, a connection holds three files
        writer.add([library.article(60)])
        writer.commit()
        with engine.searcher():  # opens the new segment
            before = open_files()
        for _ in range(30):
            burst(12)
            # SQLite keeps the descriptor of a closed connection for the next one while others hold locks on the file
            assert open_files() <= before + 3 * MAX_IDLE + 12
    engine.close()


LIMITED = """
import resource, sys, threading
sys.path.insert(0, {root!r})
from search.engines import open_engine
engine = open_engine({location!r}, cache_mb=0)
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
found = []
def read():
    with engine.searcher() as searcher:
        found.append(searcher.get_many(["001"])[0] is not None)
for _ in range(200):
    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
print(len(found), all(found))
"""


def test_64_files_are_enough_for_200_bursts(folder: Path) -> None:
    source = LIMITED.format(root=str(ROOT), location=str(folder))
    run = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False)
    assert run.stdout.split() == ["1600", "True"], run.stderr


def test_reads_beside_commits_are_of_one_commit(tmp_path: Path) -> None:
    """The writer comes and goes, so that readers change between the file alone and the file with its log."""
    names = [str(number) for number in range(40)]

    def write(version: int) -> None:
        with closing(ArchiveWriter(tmp_path, create=version == 0)) as writer:
            writer._connection.execute("PRAGMA wal_autocheckpoint = 1")
            for name in names:
                writer.put(Document(id=name, text=f"{version} " * 2_000))
            writer.commit()

    write(0)
    archive = Archive(tmp_path)
    faults: list[str] = []
    done = threading.Event()

    def read(texts: Callable[[], set[str]]) -> None:
        try:
            while not done.is_set():
                if len(seen := texts()) != 1:
                    faults.append(str(seen))
        except Exception as error:  # noqa: BLE001 - the test reports it
            faults.append(repr(error))

    readers = [
        lambda: {document.text.split()[0] for document in archive.get_many(names).values()},
        lambda: {document.text.split()[0] for document in archive.documents()},
    ]
    threads = [threading.Thread(target=read, args=(reader,)) for reader in readers]
    for thread in threads:
        thread.start()
    for version in range(1, 30):
        write(version)
    done.set()
    for thread in threads:
        thread.join()
    assert faults == []
    assert {document.text.split()[0] for document in archive.get_many(names).values()} == {"29"}
    archive.close()


def test_a_damaged_text_is_refused_when_it_is_read(folder: Path) -> None:
    path = folder / ARCHIVE_NAME
    data = path.read_bytes()
    assert data.count("الوزير".encode()) > 30
    path.write_bytes(data.replace("الوزير".encode(), "الوزيز".encode()))
    for way in (
        lambda: search_and_read(str(folder)),
        lambda: list(store_of(str(folder)).documents()),
        lambda: build.migrate(str(folder), str(folder.with_name("copy"))),
        lambda: build.rebuild(str(folder)),
    ):
        with pytest.raises(Exception, match="is not what was stored") as raised:
            way()
        assert "backup" in str(raised.value)
    assert any("is not what was stored" in problem for problem in build.verify(str(folder)))


def test_a_long_read_without_protection_tells_a_change(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.archive.connections.ReadConnections._protected", lambda _: None)
    with closing(Archive(folder)) as archive:
        documents = archive.documents()
        next(documents)
        with open_writer(str(folder)) as writer:
            writer.add([library.article(60)])
            writer.commit()
        with pytest.raises(IndexingError, match="was changed while it was read"):
            list(documents)


def test_an_archive_that_is_replaced_between_reads_is_refused(folder: Path, tmp_path: Path) -> None:
    with closing(Archive(folder)) as archive:
        assert archive.count() == 38
        with closing(ArchiveWriter(tmp_path, create=True)) as other:
            other.put(Document(id="1", text="نص"))
            other.commit()
        shutil.copyfile(tmp_path / ARCHIVE_NAME, folder / ARCHIVE_NAME)
        with pytest.raises(IndexingError, match="was replaced by another archive"):
            archive.count()
