"""What `make serve` does before it serves: an index that an older Judhur built is rebuilt from its own articles."""

from __future__ import annotations

import dataclasses
import json
import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from index import build
from index.layout import ARCHIVE_NAME
from index.manifest import read_manifest, write_manifest
from tests.index import version_1
from tests.web.test_serve import ROOT, ask, free_port


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a folder with what scripts/serve needs of a checkout, and the product of this one."""
    folder = tmp_path / "checkout"
    (folder / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "serve", folder / "scripts" / "serve")
    (folder / "seeds").symlink_to(ROOT / "seeds")
    command = folder / ".venv" / "bin" / "judhur"
    command.parent.mkdir(parents=True)
    command.write_text(
        f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {shlex.quote(sys.executable)} -m web "$@"\n', "utf-8"
    )
    command.chmod(0o755)
    return folder


def environment(index: Path) -> dict[str, str]:
    settings = {name: value for name, value in os.environ.items() if not name.startswith("JUDHUR_")}
    return settings | {"INDEX": str(index), "PORT": str(free_port())}


@contextmanager
def serving(checkout: Path, index: Path, *, errors: int | None = None) -> Iterator[list[str]]:
    """Run scripts/serve; yield what it wrote, up to the address at which it answers."""
    with subprocess.Popen(
        ["sh", "scripts/serve"], cwd=checkout, env=environment(index), stdout=subprocess.PIPE, stderr=errors, text=True
    ) as process:
        assert process.stdout
        lines = [process.stdout.readline()]
        try:
            while lines[-1] and not lines[-1].startswith("http://"):
                lines.append(process.stdout.readline())
            yield [line.strip() for line in lines]
        finally:
            process.terminate()


def current(index: Path) -> None:
    build.add_articles(str(index), [ROOT / "seeds"])


def of_another_analyzer(index: Path) -> None:
    current(index)
    write_manifest(index, dataclasses.replace(read_manifest(index), analyzer="0", fingerprint="0" * 64))


def of_another_format(index: Path) -> None:
    current(index)
    values = json.loads((index / "manifest.json").read_text("utf-8"))
    (index / "manifest.json").write_text(json.dumps(values | {"format": 1}), "utf-8")


def of_an_older_version(index: Path) -> None:
    version_1.copy_to(index)


def of_an_older_version_and_format(index: Path) -> None:
    version_1.copy_to(index)
    values = json.loads((index / "manifest.json").read_text("utf-8"))
    (index / "manifest.json").write_text(json.dumps(values | {"format": 1}), "utf-8")


@pytest.mark.parametrize(
    ("make", "done", "documents"),
    [
        (lambda _: None, "5 added", 5),
        (current, "", 5),
        (of_another_analyzer, "rebuilt from 5 articles", 5),
        (of_another_format, "rebuilt from 5 articles", 5),
        (of_an_older_version, "rebuilt from 16 articles", 16),
        (of_an_older_version_and_format, "rebuilt from 16 articles", 16),
    ],
)
def test_it_makes_or_rebuilds_the_index_and_serves_it(
    checkout: Path, tmp_path: Path, make: Callable[[Path], None], done: str, documents: int
) -> None:
    index = tmp_path / "an index"
    make(index)
    with serving(checkout, index) as lines:
        *before, address = lines
        assert address.startswith("http://127.0.0.1:"), lines
        assert [done in line for line in before] == ([True] if done else [])
        status, body = ask(address.rstrip("/"), "/health")
    assert (status, json.loads(body)["documents"]) == (200, documents)
    assert build.verify(str(index)) == ()


def test_a_terminal_shows_the_progress_of_a_rebuild(checkout: Path, tmp_path: Path) -> None:
    version_1.copy_to(tmp_path / "index")
    here, there = os.openpty()
    try:
        with serving(checkout, tmp_path / "index", errors=there) as lines:
            assert lines[-1].startswith("http://")
        shown = os.read(here, 100_000).decode()
    finally:
        os.close(here)
        os.close(there)
    assert "rebuilding" in shown
    assert "100%" in shown


def test_an_index_that_a_newer_judhur_keeps_is_left_alone(checkout: Path, tmp_path: Path) -> None:
    current(tmp_path / "index")
    with closing(sqlite3.connect(tmp_path / "index" / ARCHIVE_NAME)) as connection:
        connection.execute("PRAGMA user_version = 1000")
    done = subprocess.run(
        ["sh", "scripts/serve"], cwd=checkout, env=environment(tmp_path / "index"), capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert "a newer Judhur wrote the articles" in done.stderr
