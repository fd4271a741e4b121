"""An index of the seeds, created once by the command itself, and a fixture that runs commands."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from web.cli.main import run

SEEDS = Path(__file__).resolve().parents[3] / "seeds"


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What one call did."""

    status: int
    out: str
    err: str


Call = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings in the environment of the tests are ignored."""
    for name in [name for name in os.environ if name.startswith("JUDHUR_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Call:
    """Calls the command in this process."""

    def calling(*arguments: str | Path) -> Outcome:
        capfd.readouterr()
        status = run([str(argument) for argument in arguments])
        return Outcome(status, *capfd.readouterr())

    return calling


@pytest.fixture
def process() -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Calls the command in a process of its own; keyword arguments are settings of the environment."""

    def starting(
        *arguments: str | bytes | Path, stdin: bytes = b"", **environment: str
    ) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "web", *arguments]
        return subprocess.run(
            command, input=stdin, capture_output=True, check=False, env={**os.environ, **environment}, timeout=60
        )

    return starting


@pytest.fixture(scope="session")
def seeds_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index of the five seeds."""
    place = tmp_path_factory.mktemp("seeds") / "index"
    assert run(["index", "add", str(SEEDS), "--index", str(place)]) == 0
    return place


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """A folder with two articles of text."""
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "one.txt").write_text("وصل الوزير إلى بيروت يوم الثلاثاء\nوالتقى رئيس الحكومة هناك.", "utf-8")
    (folder / "two.txt").write_text("نشرت الصحيفة كتابا جديدا\nعن تاريخ المدينة القديمة.", "utf-8")
    return folder
