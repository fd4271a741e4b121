"""The table at the end of `make torture`."""

from __future__ import annotations

from collections import Counter

import pytest

_TALLY = pytest.StashKey[Counter[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_TALLY] = Counter()


@pytest.fixture
def tally(pytestconfig: pytest.Config) -> Counter[str]:
    """Return the counts of this run, to be added to."""
    return pytestconfig.stash[_TALLY]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    counts = config.stash[_TALLY]
    if counts:
        terminalreporter.section("what the index went through")
        for name, count in counts.items():
            terminalreporter.write_line(f"{name:<60} {count:>7,}")
