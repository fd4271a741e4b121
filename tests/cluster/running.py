"""Whether tests have a real cluster, which one, and on which ports."""

from __future__ import annotations

import os
import random
import socket
from typing import NoReturn

import pytest

from scripts.cluster.program import missing

REQUIRED = "JUDHUR_REQUIRE_CLUSTER"
"""If set to 1, tests fail without a cluster instead of being skipped."""

GIVEN = "JUDHUR_TEST_CLUSTER"
"""URLs of a running cluster for the tests, separated by commas."""


def given() -> tuple[str, ...]:
    """Return the URLs of the cluster to use; empty if the tests start their own."""
    return tuple(url.strip() for url in os.environ.get(GIVEN, "").split(",") if url.strip())


def reason_to_skip() -> str:
    """Return why there is no cluster for tests; empty if there is one or one is required."""
    return "" if os.environ.get(REQUIRED) == "1" or given() else missing()


def unavailable(reason: str) -> NoReturn:
    """Skip the test, or fail it if a cluster is required."""
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{reason}, and {REQUIRED}=1 requires it")
    pytest.skip(reason)


def free_port(nodes: int, transport: int) -> int:
    """Return the first of `nodes` adjacent free ports; the ports `transport` above them are free too."""
    while True:
        # Below 32768, the first ephemeral port: no connection takes one of them before the node does.
        first = random.randrange(20000, 30000, 10)  # noqa: S311 - no secret
        if all(_is_free(first + number + above) for number in range(nodes) for above in (0, transport)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
