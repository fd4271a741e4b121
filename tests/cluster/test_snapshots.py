"""Snapshots of the cluster: what is restored, what Judhur says of indices of different days, and trial restores."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from index import build
from index.engines import store_of
from index.errors import IndexDamagedError, IndexInconsistentError, IndexingError
from scripts.cluster.nodes import Cluster as Nodes
from scripts.cluster.nodes import ask
from search.engine import Engine
from search.engines import open_engine
from search.errors import EngineUnavailableError
from tests.cluster.articles import SEEDS
from tests.cluster.running import reason_to_skip
from tests.engines.articles import ZONE
from tests.torture import library

pytestmark = pytest.mark.opensearch
if REASON := reason_to_skip():
    pytest.skip(REASON, allow_module_level=True)


class _Archive:
    """An archive with two snapshots of different days, and its answers on each."""

    def __init__(self, nodes: Nodes, location: str) -> None:
        self.location = location
        self.name = location.rpartition("/")[2].partition("?")[0]
        self._url = nodes.urls[0]
        repository = {"type": "fs", "settings": {"location": str(nodes.snapshots)}}
        self.call("PUT", "/_snapshot/backup", repository)
        with store_of(location).writer(create=ZONE.key) as writer:
            writer.add(library.article(number) for number in range(20))
            writer.commit()
        self.first = self.answers()
        self.take("first")
        with store_of(location).writer() as writer:
            writer.add(library.article(number, 1) for number in range(10, 30))
            writer.delete(["003"])
            writer.commit()
        self.second = self.answers()
        self.take("second")

    def call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        return ask(self._url, path, method, body, seconds=60)

    def take(self, day: str) -> None:
        """Take a snapshot, as the page says."""
        body = {"indices": f"{self.name}-*", "include_global_state": False}
        answer = self.call("PUT", f"/_snapshot/backup/{self.name}-{day}?wait_for_completion=true", body)
        assert answer["snapshot"]["state"] == "SUCCESS"

    def delete(self, indices: str = "-*") -> None:
        assert self.call("DELETE", f"/{self.name}{indices}") == {"acknowledged": True}

    def restore(self, day: str, *indices: str, **options: object) -> dict[str, Any]:
        """Restore indices of a snapshot; all of the archive's without names."""
        body = {
            "indices": ",".join(f"{self.name}{index}" for index in indices or ("-*",)),
            "include_global_state": False,
            **options,
        }
        return self.call("POST", f"/_snapshot/backup/{self.name}-{day}/_restore?wait_for_completion=true", body)

    def answers(self) -> list[str]:
        with contextlib.closing(open_engine(self.location)) as engine:
            return answers_of(engine)

    def refusals(self) -> list[str]:
        """Return the messages of all who refuse the archive, and the problems that `verify` finds."""
        ways: tuple[Callable[[], object], ...] = (
            self.answers,
            lambda: store_of(self.location).writer().close(),
            lambda: build.add_articles(self.location, [SEEDS]),
            lambda: build.rebuild(self.location),
        )
        messages = list(build.verify(self.location))
        for way in ways:
            with pytest.raises((IndexingError, EngineUnavailableError)) as refused:
                way()
            messages.append(str(refused.value))
        return messages


def answers_of(engine: Engine) -> list[str]:
    with engine.searcher() as searcher:
        return library.answers(searcher)


@pytest.fixture
def archive(cluster: Nodes, location: str) -> Iterator[_Archive]:
    archive = _Archive(cluster, location)
    yield archive
    for day in ("first", "second"):
        archive.call("DELETE", f"/_snapshot/backup/{archive.name}-{day}")


def test_an_older_snapshot_is_restored_and_a_running_engine_follows(archive: _Archive) -> None:
    refused = archive.restore("first")
    assert "open index with same name already exists" in refused["error"]["reason"], "the cluster guards what is there"
    with contextlib.closing(open_engine(archive.location)) as engine:
        assert answers_of(engine) == archive.second
        archive.delete()
        with pytest.raises(EngineUnavailableError, match="no index"), engine.searcher():
            pass
        archive.restore("first")
        assert answers_of(engine) == archive.first
    assert build.verify(archive.location) == ()
    aliases = archive.call("GET", f"/{archive.name}-v1/_alias")[f"{archive.name}-v1"]["aliases"]
    assert set(aliases) == {archive.name, f"{archive.name}-write"}
    assert build.add_articles(archive.location, [SEEDS]).added == 5
    assert build.verify(archive.location) == ()
    archive.delete()
    archive.restore("second")  # newer than what was there, and of another branch
    assert archive.answers() == archive.second
    assert build.verify(archive.location) == ()


def test_indices_of_different_days_are_refused_and_their_articles_can_be_copied_out(
    archive: _Archive, tmp_path: Path
) -> None:
    archive.delete("-control")
    archive.restore("first", "-control")
    for message in archive.refusals():
        assert f"{archive.name}-control at " in message
        assert "is older than the articles" in message
        assert "from one snapshot" in message
        assert f"`judhur index migrate {archive.location.partition('?')[0]}" in message
    assert build.migrate(archive.location, str(tmp_path / "index")).added == 29
    archive.delete("-control")
    archive.restore("second", "-control")
    with contextlib.closing(open_engine(archive.location)) as engine:
        assert answers_of(engine) == archive.second
        archive.delete(f"-v1,{archive.name}-v1-words")
        archive.restore("first", "-v1", "-v1-words")
        for _ in range(3):  # the state that it has open did not change
            with pytest.raises(EngineUnavailableError, match=r"index_not_found|are older than"):
                answers_of(engine)
    for message in archive.refusals():
        assert f"the articles in {archive.name}-v1 at " in message
        assert "are older than" in message


def test_articles_without_their_state_are_refused(archive: _Archive) -> None:
    archive.delete("-control")
    with pytest.raises(EngineUnavailableError, match="no index"):
        archive.answers()
    with pytest.raises(IndexDamagedError, match="which describes them, is missing; restore it from a snapshot"):
        build.add_articles(archive.location, [SEEDS])
    archive.delete("-control")  # the writer had made an empty one
    archive.restore("second", "-control")
    assert archive.answers() == archive.second
    assert build.verify(archive.location) == ()


def test_a_trial_restore_under_another_name_is_searched_beside_the_index(archive: _Archive) -> None:
    renamed = {"rename_pattern": f"{archive.name}-(.+)", "rename_replacement": f"{archive.name}-trial-$1"}
    archive.restore("first", include_aliases=False, **renamed)
    trial = archive.location.replace(f"/{archive.name}", f"/{archive.name}-trial")
    with contextlib.closing(open_engine(trial)) as engine:
        assert answers_of(engine) == archive.first
    problems = build.verify(trial)
    assert len(problems) == 2
    assert all("the alias" in problem for problem in problems)
    assert store_of(trial).catch_up() == 0
    assert build.verify(trial) == ()
    assert archive.answers() == archive.second
    assert build.verify(archive.location) == ()


def test_articles_are_not_compared_with_a_state_whose_commit_noted_nothing(archive: _Archive) -> None:
    with pytest.raises(IndexInconsistentError), store_of(_mixed(archive)).writer():
        pass
    archive.call("DELETE", f"/{archive.name}-control/_doc/noted")  # as a Judhur that notes nothing leaves it
    assert archive.answers() == archive.first


def _mixed(archive: _Archive) -> str:
    archive.delete("-v1")
    archive.restore("first", "-v1")
    return archive.location
