"""The bounds of caches follow the memory of the machine."""

from __future__ import annotations

import os

import pytest

from index.analysis.cache import LEAST, MOST, usual_limit
from index.memory import machine_memory
from search.engines.cache import LEAST_MB, MOST_MB, usual_megabytes

GIGABYTE = 1024**3


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    sizes = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": request.param // 4096}
    monkeypatch.setattr(os, "sysconf", sizes.__getitem__)


@pytest.mark.parametrize(
    ("memory", "words", "megabytes"),
    [(GIGABYTE, LEAST, LEAST_MB), (8 * GIGABYTE, 357_913, 512), (64 * GIGABYTE, MOST, MOST_MB)],
    indirect=["memory"],
)
@pytest.mark.usefixtures("memory")
def test_a_larger_machine_has_larger_caches(words: int, megabytes: int) -> None:
    assert (usual_limit(), usual_megabytes()) == (words, megabytes)


@pytest.mark.parametrize("error", [OSError, ValueError, AttributeError])
def test_a_system_that_does_not_tell_its_memory_has_the_smallest_caches(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def refuse(_: str) -> int:
        raise error

    monkeypatch.setattr(os, "sysconf", refuse)
    assert machine_memory() == 0
    assert (usual_limit(), usual_megabytes()) == (LEAST, LEAST_MB)
