"""The lists that the readers use, as rows: `data/*.csv`, described in `data/README.md`."""

from __future__ import annotations

import csv
import functools
import re
from importlib import resources

from index.sources.normalization import plain


@functools.cache
def rows(name: str) -> tuple[tuple[str, ...], ...]:
    """Return the rows of `data/<name>.csv` without its header, cells unchanged."""
    text = resources.files("index.sources").joinpath("data", f"{name}.csv").read_text(encoding="utf-8")
    return tuple(tuple(row) for row in csv.reader(text.splitlines()))[1:]


@functools.cache
def words(role: str) -> frozenset[str]:
    """Return the words of one role of `words.csv` in plain spelling."""
    return frozenset(plain(word) for listed, word, _ in rows("words") if listed == role)


def alternatives(choices: frozenset[str]) -> str:
    """Return a regular expression for any of the words, longest first, so that a prefix does not hide a longer word."""
    longest_first = sorted(choices, key=lambda choice: (-len(choice), choice))
    return "|".join(r"\s+".join(re.escape(word) for word in choice.split()) for choice in longest_first)
