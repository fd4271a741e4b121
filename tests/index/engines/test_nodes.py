"""The choice of a node for a request, failover, and the time for which a node is left out."""

from __future__ import annotations

import logging
from contextlib import closing
from typing import Any, cast

import pytest
from opensearchpy import Urllib3HttpConnection
from opensearchpy.exceptions import ConnectionError as UnreachableNodeError
from opensearchpy.exceptions import ConnectionTimeout, NotFoundError, TransportError

from index.engines.opensearch.nodes import REST, SMALL_SECONDS, Nodes, QuietConnection

REFUSED = UnreachableNodeError("N/A", "refused", OSError())
SILENT = ConnectionTimeout("TIMEOUT", "silent", OSError())


class Node:
    """A node that answers with its name, or fails as configured."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.fault: Exception | None = None
        self.asked: list[Any] = []

    def perform_request(self, *_: object, timeout: Any) -> tuple[int, dict[str, str], str]:
        self.asked.append(timeout)
        if self.fault:
            raise self.fault
        return 200, {}, f'"{self.name}"'

    def close(self) -> None:
        pass


class Setting:
    def __init__(self, names: str = "abc") -> None:
        self.now = 0.0
        self.all = [Node(name) for name in names]
        self.nodes = Nodes(cast("list[Urllib3HttpConnection]", self.all), clock=lambda: self.now)

    def ask(self, *, small: bool, body: bytes | None = None) -> str:
        answer: str = self.nodes.ask("GET" if small else "POST", "/", {}, body, 30.0, small=small)
        return answer

    @property
    def asked(self) -> list[int]:
        return [len(node.asked) for node in self.all]


@pytest.fixture
def setting() -> Setting:
    return Setting()


def test_small_requests_rotate_and_others_go_to_the_last_node_that_answered(setting: Setting) -> None:
    small = [setting.ask(small=True) for _ in range(6)]
    assert sorted(small) == sorted("aabbcc")
    assert {setting.ask(small=False) for _ in range(6)} == {small[-1]}


@pytest.mark.parametrize("small", [True, False])
def test_an_unreachable_node_is_left_out_and_retried_later(setting: Setting, small: bool) -> None:  # noqa: FBT001
    gone = setting.all[0]
    gone.fault = REFUSED
    assert {setting.ask(small=small) for _ in range(9)} <= {"b", "c"}
    assert len(gone.asked) <= 1
    gone.fault = None
    setting.now = REST + 1
    assert "a" in {setting.ask(small=True) for _ in range(3)}


def test_a_hanging_node_delays_a_small_request_briefly_and_others_until_their_timeout(setting: Setting) -> None:
    for node in setting.all[:2]:
        node.fault = SILENT
    assert [setting.ask(small=True) for _ in range(4)] == ["c"] * 4
    assert sum(setting.asked[:2]) <= 2
    assert {timeout.read_timeout for node in setting.all[:2] for timeout in node.asked} == {SMALL_SECONDS}
    setting.all[2].fault = SILENT
    before = sum(setting.asked)
    with pytest.raises(ConnectionTimeout):
        setting.ask(small=False)
    assert sum(setting.asked) == before + 1


def test_one_request_at_a_time_retries_a_node(setting: Setting) -> None:
    setting.all[0].fault = SILENT
    for _ in range(3):
        setting.ask(small=True)
    tried = len(setting.all[0].asked)
    setting.now = REST + 1
    for _ in range(9):
        setting.ask(small=True)
    assert len(setting.all[0].asked) == tried + 1
    assert {setting.ask(small=False) for _ in range(3)} <= {"b", "c"}


def test_all_nodes_are_tried_when_all_are_left_out(setting: Setting) -> None:
    for node in setting.all:
        node.fault = REFUSED
    with pytest.raises(UnreachableNodeError):
        setting.ask(small=False)
    setting.all[1].fault = None
    assert setting.ask(small=False) == "b"


def test_a_node_without_a_cluster_is_skipped(setting: Setting) -> None:
    alone = TransportError(503, "cluster_block_exception", {})
    setting.all[0].fault = setting.all[1].fault = alone
    assert {setting.ask(small=False) for _ in range(3)} == {"c"}
    setting.all[2].fault = REFUSED
    with pytest.raises(TransportError) as caught:
        setting.ask(small=False)
    assert caught.value is alone  # says more than a refused connection


def test_an_error_status_counts_as_an_answer(setting: Setting) -> None:
    for node in setting.all:
        node.fault = NotFoundError(404, "not found", {})
    with pytest.raises(NotFoundError):
        setting.ask(small=True)
    assert sum(setting.asked) == 1


def test_the_connect_timeout_grows_with_the_request(setting: Setting) -> None:
    setting.ask(small=False)
    setting.ask(small=False, body=b" " * 5_000_000)
    times = [timeout for node in setting.all for timeout in node.asked]
    assert sorted(timeout.connect_timeout for timeout in times) == [1.0, 11.0]
    assert {timeout.read_timeout for timeout in times} == {30.0}


def test_a_failure_is_raised_and_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level(logging.DEBUG),
        closing(Nodes([QuietConnection("127.0.0.1", 1)])) as nodes,
        pytest.raises(UnreachableNodeError),
    ):
        nodes.ask("GET", "/", {}, None, 5.0, small=True)
    assert [record for record in caplog.records if record.name.startswith("opensearch")] == []
