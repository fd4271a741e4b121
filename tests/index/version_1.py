"""The contents and answers of an archive and index of version 1: the fixture of tests/data/version-1."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from index.archive.migrations import FIRST_COLUMNS
from index.archive.rows import document_of
from index.document import Document

DATA = Path(__file__).resolve().parents[1] / "data" / "version-1"
SEED = Path(__file__).resolve().parents[2] / "seeds" / "002_89aaa673857e5ad5.txt"

LAST_CHANGE = 25
BEFORE = 19
"""The change before the last commit, which replaced three articles, added one and deleted two."""


def copy_to(folder: Path) -> Path:
    """Return a copy of the index folder."""
    shutil.copytree(DATA / "index", folder)
    return folder


def rows(table: str) -> list[dict[str, Any]]:
    """Return what stood in a table of the archive."""
    tables: dict[str, list[dict[str, Any]]] = json.loads((DATA / "tables.json").read_text("utf-8"))
    return tables[table]


def documents(table: str = "articles") -> dict[str, Document]:
    """Return the articles, by their ids."""
    return {row["id"]: document_of({name: row[name] for name in FIRST_COLUMNS}, 1) for row in rows(table)}


def hashes() -> dict[str, str]:
    """Return the hash that stood beside each article."""
    return {row["id"]: row["hash"] for row in rows("articles")}


def answers() -> list[dict[str, Any]]:
    """Return searches, each with its `arguments`, `total`, `hits` and `facets`."""
    return [json.loads(line) for line in (DATA / "answers.jsonl").read_text("utf-8").splitlines()]


def cluster_documents() -> list[dict[str, Any]]:
    """Return documents as they were sent to a cluster."""
    return [json.loads(line) for line in (DATA / "cluster.jsonl").read_text("utf-8").splitlines()]
