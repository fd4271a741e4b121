"""The runs of letters that spellings are compared by: what an index is asked for words spelled like another."""

from __future__ import annotations

EDGE = "\0"
"""Stands before the first letter and behind the last, so that beginnings and ends count as well."""
RUNS = (2, 3)


def ngrams_of(word: str) -> list[str]:
    """Return the runs of two and three letters of a word, in order, as often as they come."""
    edged = f"{EDGE}{word}{EDGE}"
    return [edged[start : start + size] for size in RUNS for start in range(len(edged) - size + 1)]
