"""Fixtures of the tests of readers: a folder for files, and a run over it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Callable
from pathlib import Path

import pytest

from index.document import Document, Notice, Refusal
from index.sources import ArticleReader

ZONE = zoneinfo.ZoneInfo("Asia/Riyadh")
TODAY = dt.date(2025, 12, 1)
SEEDS = Path(__file__).parents[2] / "seeds"


@dataclasses.dataclass(frozen=True, slots=True)
class Run:
    """Everything that one reader yielded."""

    reader: ArticleReader
    documents: tuple[Document, ...]
    refusals: tuple[Refusal, ...]
    notices: tuple[Notice, ...]

    @property
    def ids(self) -> list[str]:
        return [document.id for document in self.documents]

    @property
    def reasons(self) -> list[str]:
        return [refusal.reason for refusal in self.refusals]

    def one(self) -> Document:
        assert len(self.documents) == 1, (self.ids, self.reasons)
        return self.documents[0]


ReadFile = Callable[..., Run]


def read_paths(*paths: Path) -> Run:
    reader = ArticleReader(paths, zone=ZONE, today=TODAY)
    items = list(reader.read())
    return Run(
        reader,
        tuple(item for item in items if isinstance(item, Document)),
        tuple(item for item in items if isinstance(item, Refusal)),
        tuple(item for item in items if isinstance(item, Notice)),
    )


@pytest.fixture
def read_file(tmp_path: Path) -> ReadFile:
    """Write one file and read it: `read_file("a.txt", "words")`."""

    def read(name: str, content: str | bytes) -> Run:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_paths(path)

    return read
