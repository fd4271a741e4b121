"""The table at the end of `make torture`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.torture.places import quick_folder

COUNTS: Counter[str] = Counter()
"""Number of events of this run by description; the tests add to it."""


@pytest.fixture
def scratch() -> Iterator[Path]:
    """Return a new folder, in memory if possible."""
    with quick_folder() as folder:
        yield folder


@pytest.fixture
def tally() -> Counter[str]:
    """Return the counts of this run."""
    return COUNTS


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if COUNTS:
        terminalreporter.section("faults and their outcome")
        for name, count in sorted(COUNTS.items()):
            terminalreporter.write_line(f"{name:<60} {count:>7,}")
