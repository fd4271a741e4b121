"""Shared fixture of the analysis tests: the analyzer of the shipped data."""

from __future__ import annotations

import pytest

from index.analysis.arabic.analyzer import Analyzer, load_analyzer


@pytest.fixture(scope="session")
def analyzer() -> Analyzer:
    return load_analyzer()
