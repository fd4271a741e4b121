"""What an analyzer explains about a word that has a token."""

from __future__ import annotations

from index.analysis.analyzer import Analyzer, Explanation, Step
from index.analysis.readings import Reading


def explanation_of(analyzer: Analyzer, word: str) -> Explanation:
    found = analyzer.explain(word)
    assert found is not None, f"no token in {word!r}"
    return found


def readings_of(analyzer: Analyzer, word: str) -> tuple[Reading, ...]:
    return explanation_of(analyzer, word).readings


def steps_of(analyzer: Analyzer, word: str) -> tuple[Step, ...]:
    return explanation_of(analyzer, word).steps
