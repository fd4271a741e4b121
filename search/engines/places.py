"""Places of tokens as numbers: which of them a word may stand at, and where windows of several words begin."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
import numpy.typing as npt

from index.schema import Section
from search.engines.forms import Array
from search.query import Near, Phrase

SECTIONS = tuple(Section)
"""In the order of their tokens: title, body."""

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def common_sections(node: Phrase | Near) -> tuple[Section, ...]:
    """Return the sections that every word may stand in."""
    return tuple(section for section in SECTIONS if all(section in term.sections for term in node.terms))


def allowed(
    starts: Array, addresses: Numbers, section_of: Numbers, sections: Sequence[Section], within: int | None
) -> Mask:
    """Return which addresses lie in sections of the given kinds and, in a body, at a position below `within`.

    `section_of` numbers the sections that the addresses lie in: title and body of one document after another.
    """
    kept = np.ones(len(addresses), bool)
    if len(sections) < len(SECTIONS):
        kept = np.array([section in sections for section in SECTIONS])[section_of % len(SECTIONS)]
    if within is not None:
        in_body = section_of % len(SECTIONS) == SECTIONS.index(Section.BODY)
        kept &= ~in_body | (addresses - starts[section_of] < within)
    return kept


def window_starts(keys: Sequence[Numbers], reach: int, *, ordered: bool) -> Numbers:
    """Return the keys (ascending, each once) from which on a window of `reach` positions holds a key of each list."""
    if ordered:
        ends = keys[0]
        kept = np.ones(len(ends), bool)
        for following in keys[1:]:
            ends, there = _next(following, ends, side="right")
            kept &= there
        return keys[0][kept & (ends - keys[0] < reach)]
    starts = reduce(np.union1d, keys)
    kept = np.ones(len(starts), bool)
    for other in keys:
        nearest, there = _next(other, starts, side="left")
        kept &= there & (nearest - starts < reach)
    return starts[kept]


def _next(keys: Numbers, starts: Numbers, *, side: str) -> tuple[Numbers, npt.NDArray[np.bool_]]:
    """Return the first of `keys` from each start on (`left`) or behind it (`right`), and whether there is one."""
    if not len(keys):
        return starts, np.zeros(len(starts), bool)
    places = np.searchsorted(keys, starts, side="right" if side == "right" else "left")
    there = places < len(keys)
    return keys[np.where(there, places, 0)], there
