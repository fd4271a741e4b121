"""Search within a facet: selects the values, or forms, whose names contain a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from index.analysis.arabic.clitics import ARTICLE

_Value = TypeVar("_Value")


def named(values: Sequence[_Value], typed: str, name: Callable[[_Value], str]) -> list[_Value]:
    """Return the values whose `name` contains `typed`, in their order; all values if `typed` is empty.

    Values with a word that begins with it, with or without the definite article, come first. Names and `typed` must be
    folded.
    """
    wanted = typed.strip()
    beginning, containing = [], []
    for value in values:
        label = f" {name(value)}"
        if f" {wanted}" in label or f" {ARTICLE}{wanted}" in label:
            beginning.append(value)
        elif wanted in label:
            containing.append(value)
    return beginning + containing
