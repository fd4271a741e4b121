"""Shared fixture of the analysis tests: the analyzer of the shipped data."""

from __future__ import annotations

import pytest

from index.analysis.arabic.analyzer import ArabicAnalyzer, load_arabic_analyzer


@pytest.fixture(scope="session")
def analyzer() -> ArabicAnalyzer:
    return load_arabic_analyzer()
