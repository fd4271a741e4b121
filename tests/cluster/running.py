"""Whether tests can have a real cluster, which one, and on which ports."""

from __future__ import annotations

import os
import random
import socket
from typing import NoReturn

import pytest

from scripts.cluster.program import missing

REQUIRED = "JUDHUR_REQUIRE_CLUSTER"
"""Set to 1 where a missing cluster is a failure and not a reason to skip."""

GIVEN = "JUDHUR_TEST_CLUSTER"
"""The URLs, with commas between, of a running cluster that the tests shall use."""


def given() -> tuple[str, ...]:
    """Return the URLs of the cluster to use; none when the tests start their own."""
    return tuple(url.strip() for url in os.environ.get(GIVEN, "").split(",") if url.strip())


def reason_to_skip() -> str:
    """Why tests cannot have a cluster; empty when they can, or must."""
    return "" if os.environ.get(REQUIRED) == "1" or given() else missing()


def unavailable(reason: str) -> NoReturn:
    """Skip the test, or fail it where a cluster is asked for."""
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{reason}, and {REQUIRED}=1 asks for it")
    pytest.skip(reason)


def free_port(nodes: int, transport: int) -> int:
    """Return the first of `nodes` neighbouring ports that are free, as are those `transport` above them."""
    while True:
        # Below 32768, where systems begin to give ports to connections: nobody takes one before the node does.
        first = random.randrange(20000, 30000, 10)  # noqa: S311 - no secret
        if all(_is_free(first + place + above) for place in range(nodes) for above in (0, transport)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
