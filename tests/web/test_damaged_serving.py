"""Servers over an index that is damaged, replaced, or may only be read."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from index import build
from index.layout import ARCHIVE_NAME
from tests.index.embedded import open_writer
from tests.torture import library
from tests.web.servers import Server, serving, until

SEARCH = "/api/v1/search?per_page=100&q=" + quote("الوزير")
ALL = "/api/v1/search?per_page=100"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    library.make_large(str(tmp_path / "index"))
    return tmp_path / "index"


def total(server: Server, path: str = ALL) -> int:
    answer = server.get(path)
    assert answer.status == 200, answer.body.decode()
    found = json.loads(answer.body)
    assert len(found["hits"]) == min(found["total"]["value"], 100)
    return int(found["total"]["value"])


def health(server: Server) -> tuple[int, str]:
    answer = server.get("/health")
    return answer.status, json.loads(answer.body).get("status", "")


@pytest.mark.parametrize("processes", [1, 2])
def test_a_truncated_segment_ends_a_worker_and_not_the_service(folder: Path, processes: int) -> None:
    with serving(str(folder), processes=processes) as server:
        before = total(server, SEARCH)
        for segment in folder.rglob("*.seg"):
            os.truncate(segment, 0)
        words = ["كتاب", "مكتبة", "الجامعة", "سوق", "المدارس", "العاصمة"]  # texts that no worker has cached
        statuses = {server.get("/api/v1/search?q=" + quote(word)).status for word in words}
        assert statuses <= {0, 200, 503}
        assert server.alive()
        until(lambda: server.get("/static/page.css").status == 200)
        until(lambda: server.get(SEARCH).status in (200, 503))
        build.rebuild(str(folder))
        until(lambda: server.get(SEARCH).status == 200, seconds=30)
        assert total(server, SEARCH) == before
        assert health(server) == (200, "ok")


def test_a_damaged_block_is_told_by_health(folder: Path) -> None:
    segment = max(folder.rglob("*.seg"), key=lambda path: path.stat().st_size)
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 1
    segment.write_bytes(content)
    with serving(str(folder), processes=1) as server:
        until(lambda: health(server) == (200, "damaged") or health(server)[0] == 503)
        assert server.get("/static/page.css").status == 200


def test_articles_of_another_day_are_refused_until_they_are_put_back(folder: Path, tmp_path: Path) -> None:
    archive = folder / ARCHIVE_NAME
    older = tmp_path / "older"
    shutil.copyfile(archive, older)
    with open_writer(str(folder)) as writer:
        writer.add([library.article(number) for number in range(3_000, 3_010)])
        writer.commit()
    newer = tmp_path / "newer"
    shutil.copyfile(archive, newer)
    with serving(str(folder), processes=2) as server:
        before = total(server)
        older.replace(archive)
        for _ in range(4):
            answer = server.get(ALL)
            assert (answer.status, json.loads(answer.body)["type"]) == (503, "/problems/index-unavailable")
        assert health(server)[0] == 503
        newer.replace(archive)
        assert total(server) == before
        archive.unlink()
        assert server.get(ALL).status == 503
        assert not archive.exists()


@pytest.fixture
def read_only(folder: Path, tmp_path: Path) -> Iterator[Path]:
    """The folder under another path, where nobody may write."""
    view = tmp_path / "view"
    view.mkdir()
    commands = [["mount", "--bind", str(folder), str(view)], ["mount", "-o", "remount,ro,bind", str(view)]]
    for command in commands:
        if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
            subprocess.run(["umount", view], capture_output=True, check=False)
            pytest.skip("takes the right to mount")
    yield view
    subprocess.run(["umount", "--lazy", view], check=True)


def test_a_server_that_may_only_read_follows_a_writer(folder: Path, read_only: Path) -> None:
    with pytest.raises(OSError, match="Read-only"):
        (read_only / "new").touch()
    with serving(str(read_only), processes=2) as server:
        before = total(server)
        with open_writer(str(folder)) as writer:
            for number in range(1, 4):
                writer.add([library.article(3_000 + number)])
                writer.commit()
                assert {total(server) for _ in range(4)} == {before + number}
            writer.delete(["3001"])
            writer.commit()
        assert {total(server) for _ in range(4)} == {before + 2}
        assert health(server) == (200, "ok")
        build.rebuild(str(folder))
        assert {total(server) for _ in range(4)} == {before + 2}


def test_commands_read_a_folder_that_may_only_be_read(read_only: Path) -> None:
    before = sorted(path.name for path in read_only.iterdir())
    assert build.verify(str(read_only)) == ()
    assert build.status(str(read_only)).behind == 0
    assert len(library.ask(str(read_only))) > 50
    assert sorted(path.name for path in read_only.iterdir()) == before


def test_a_worker_that_starts_without_its_index_answers_and_finds_it_again(folder: Path) -> None:
    with serving(str(folder), processes=2) as server:
        before = total(server)
        away = folder.rename(folder.with_name("away"))
        workers = server.workers()
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        until(lambda: server.get("/static/page.css").status == 200)
        for _ in range(4):
            answer = server.get(ALL)
            assert (answer.status, json.loads(answer.body)["type"]) == (503, "/problems/index-unavailable")
        assert not set(workers) & set(server.workers())
        assert not folder.exists()
        away.rename(folder)
        until(lambda: all(server.get(ALL).status == 200 for _ in range(4)))
        assert total(server) == before
