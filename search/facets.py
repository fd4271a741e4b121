"""Search within a facet: which of its values, or of the forms that were found, have a name that says what was typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from index.analysis.letters import ALEF, LAM

_ARTICLE = ALEF + LAM
_Value = TypeVar("_Value")


def named(values: Sequence[_Value], typed: str, name: Callable[[_Value], str]) -> list[_Value]:
    """Return the values whose name contains what was `typed`, in their order.

    Those with a word that begins with it, the article aside, come first. Names and `typed` are folded; when nothing was
    typed, all are returned.
    """
    wanted = typed.strip()
    beginning, containing = [], []
    for value in values:
        known = f" {name(value)}"
        if f" {wanted}" in known or f" {_ARTICLE}{wanted}" in known:
            beginning.append(value)
        elif wanted in known:
            containing.append(value)
    return beginning + containing
