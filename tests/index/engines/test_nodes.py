"""Which node of a cluster is asked, who instead when it does not answer, and for how long it is left out."""

from __future__ import annotations

from typing import Any, cast

import pytest
from opensearchpy import Urllib3HttpConnection
from opensearchpy.exceptions import ConnectionError as UnreachableNodeError
from opensearchpy.exceptions import ConnectionTimeout, NotFoundError, TransportError

from index.engines.opensearch.nodes import REST, SMALL_SECONDS, Nodes

REFUSED = UnreachableNodeError("N/A", "refused", OSError())
SILENT = ConnectionTimeout("TIMEOUT", "silent", OSError())


class Node:
    """A node that answers with its name, or fails as it is told."""

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


def test_small_questions_go_around_and_the_rest_stays_where_the_last_was_answered(setting: Setting) -> None:
    small = [setting.ask(small=True) for _ in range(6)]
    assert sorted(small) == sorted("aabbcc")
    assert {setting.ask(small=False) for _ in range(6)} == {small[-1]}


@pytest.mark.parametrize("small", [True, False])
def test_a_node_that_is_not_there_is_left_out_and_tried_again_later(setting: Setting, small: bool) -> None:  # noqa: FBT001
    gone = setting.all[0]
    gone.fault = REFUSED
    assert {setting.ask(small=small) for _ in range(9)} <= {"b", "c"}
    assert len(gone.asked) <= 1
    gone.fault = None
    setting.now = REST + 1
    assert "a" in {setting.ask(small=True) for _ in range(3)}


def test_a_node_that_hangs_costs_a_small_question_little_and_another_its_whole_time(setting: Setting) -> None:
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


def test_one_request_at_a_time_tries_a_node_that_has_rested(setting: Setting) -> None:
    setting.all[0].fault = SILENT
    for _ in range(3):
        setting.ask(small=True)
    tried = len(setting.all[0].asked)
    setting.now = REST + 1
    for _ in range(9):
        setting.ask(small=True)
    assert len(setting.all[0].asked) == tried + 1
    assert {setting.ask(small=False) for _ in range(3)} <= {"b", "c"}


def test_when_all_are_left_out_all_are_tried(setting: Setting) -> None:
    for node in setting.all:
        node.fault = REFUSED
    with pytest.raises(UnreachableNodeError):
        setting.ask(small=False)
    setting.all[1].fault = None
    assert setting.ask(small=False) == "b"


def test_a_node_that_has_not_found_its_cluster_is_passed_over(setting: Setting) -> None:
    alone = TransportError(503, "cluster_block_exception", {})
    setting.all[0].fault = setting.all[1].fault = alone
    assert {setting.ask(small=False) for _ in range(3)} == {"c"}
    setting.all[2].fault = REFUSED
    with pytest.raises(TransportError) as caught:
        setting.ask(small=False)
    assert caught.value is alone  # says more than a refused connection


def test_a_refusal_is_an_answer(setting: Setting) -> None:
    for node in setting.all:
        node.fault = NotFoundError(404, "not found", {})
    with pytest.raises(NotFoundError):
        setting.ask(small=True)
    assert sum(setting.asked) == 1


def test_the_time_to_reach_a_node_grows_with_what_is_sent(setting: Setting) -> None:
    setting.ask(small=False)
    setting.ask(small=False, body=b" " * 5_000_000)
    times = [timeout for node in setting.all for timeout in node.asked]
    assert sorted(timeout.connect_timeout for timeout in times) == [1.0, 11.0]
    assert {timeout.read_timeout for timeout in times} == {30.0}
