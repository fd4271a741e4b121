"""A document on a cluster has the version of its row: older rows are read, newer ones are refused as newer."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from index.analysis.installed import load_analyzer
from index.archive.migrations import STEPS, Step, newest_version
from index.archive.rows import RowDamagedError, row_of
from index.engines.opensearch.encoding import Encoder
from index.engines.opensearch.stored import article_of, has_hash_of
from index.errors import IndexDamagedError, IndexNewerError
from index.jobs import analyze_document
from tests.index import version_1
from tests.index.archive.test_archive import FULL

ZONE = ZoneInfo("Asia/Riyadh")


def written() -> dict[str, Any]:
    """Return a document as this code writes it."""
    source = Encoder(ZONE).encode(analyze_document(FULL, load_analyzer(), ZONE), 1).source
    found: dict[str, Any] = json.loads(source)
    return found


def test_a_document_names_its_version_and_its_columns() -> None:
    article = written()["article"]
    assert article["version"] == newest_version()
    assert article["row"] == row_of(FULL)
    assert article_of({"article": article}) == FULL


def test_documents_of_version_1_are_read_and_keep_their_hashes() -> None:
    articles = version_1.documents()
    for source in version_1.cluster_documents():
        assert "version" not in source["article"]
        assert article_of(source) == articles[source["id"]]
        assert has_hash_of(source, article_of(source))
        assert article_of({"article": {"row": source["article"]["row"]}}) == articles[source["id"]]


def test_a_hash_is_not_compared_across_a_step_that_changes_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    (source, *_) = version_1.cluster_documents()
    other = source | {"hash": "0"}
    assert not has_hash_of(other, article_of(other))
    monkeypatch.setattr("index.archive.migrations.STEPS", (*STEPS, Step(hashes=True)))
    assert has_hash_of(other, article_of(other))
    assert not has_hash_of(written() | {"hash": "0"}, FULL)


def test_a_document_of_a_newer_judhur_is_refused_as_newer() -> None:
    article = {"version": newest_version() + 1, "row": {"everything": "else"}, "offsets": []}
    with pytest.raises(IndexNewerError, match=rf"newer Judhur wrote .* version {newest_version() + 1}.* use the newer"):
        article_of({"article": article})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"version": 0}, "no version 0"),
        ({"version": "2"}, "no version '2'"),
        ({"version": True}, "no version True"),
        ({"version": 1}, "longer|shorter|argument"),
        ({"row": ["a", "b"]}, "indices"),
        ({"row": None}, ""),
        ({"row": row_of(FULL) | {"source_basis": "guessed"}}, "no basis 'guessed'"),
        ({"row": {name: value for name, value in row_of(FULL).items() if name != "text"}}, "text"),
    ],
)
def test_an_undecodable_document_is_damaged(change: dict[str, Any], reason: str) -> None:
    article = written()["article"] | change
    if article["version"] == 1:
        article["row"] = ["short"]
    with pytest.raises(RowDamagedError, match=rf"cannot be read \(.*({reason}).*\); delete it and add it again"):
        article_of({"article": article})


@pytest.mark.parametrize("source", [{}, {"article": None}, {"article": {}}, {"article": {"row": ["short"]}}])
def test_a_value_that_is_not_a_document_is_damaged(source: dict[str, Any]) -> None:
    with pytest.raises(IndexDamagedError):
        article_of(source)
