"""Addresses of tokens: which of them a word may have, and where windows of several words begin.

The tokens of several documents are concatenated: title and body of the first document, then of the second, and so on.
The address of a token is its index there. `starts` holds the address at which each section begins, followed by the end
of the last one; sections are numbered by their index in it, so that section 2 * d + s is section s of document d.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from index.schema import Section
from search.forms import Array
from search.query import Near, Phrase

SECTIONS = tuple(Section)
"""The sections of a document in the order of their tokens: title, body."""

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def common_sections(node: Phrase | Near) -> tuple[Section, ...]:
    """Return the sections in which every word of a phrase or window may occur."""
    return tuple(section for section in SECTIONS if all(section in term.sections for term in node.terms))


def allowed(
    starts: Array, addresses: Numbers, section_of: Numbers, sections: Sequence[Section], within: int | None
) -> Mask:
    """Return which addresses lie in one of `sections` and, in a body, at a position below `within`.

    `section_of` is the number of the section of each address; both arrays and the mask have one entry for each address.
    """
    kept = np.ones(len(addresses), bool)
    if len(sections) < len(SECTIONS):
        kept = np.array([section in sections for section in SECTIONS])[section_of % len(SECTIONS)]
    if within is not None:
        in_body = section_of % len(SECTIONS) == SECTIONS.index(Section.BODY)
        kept &= ~in_body | (addresses - starts[section_of] < within)
    return kept


def window_starts(keys: Sequence[Numbers], reach: int, *, ordered: bool) -> Numbers:
    """Return the keys at which a window of `reach` positions begins that holds a key of each list.

    A key is the address of a token plus a gap for each section, so that no window spans two sections. `keys` has one
    ascending array for each word; if `ordered`, the words must follow each other in the order of the list. The result
    is ascending, without duplicates.
    """
    if ordered:
        ends = keys[0]
        kept = np.ones(len(ends), bool)
        for following in keys[1:]:
            ends, exists = _next(following, ends, side="right")
            kept &= exists
        return keys[0][kept & (ends - keys[0] < reach)]
    starts = distinct(np.sort(np.concatenate(keys), kind="stable"))  # faster than `np.union1d`: all are ascending
    kept = np.ones(len(starts), bool)
    for other in keys:
        nearest, exists = _next(other, starts, side="left")
        kept &= exists & (nearest - starts < reach)
    return starts[kept]


def distinct(numbers: Numbers) -> Numbers:
    """Return ascending numbers without duplicates."""
    first = np.ones(len(numbers), bool)
    np.not_equal(numbers[1:], numbers[:-1], out=first[1:])
    return numbers[first]


def _next(keys: Numbers, starts: Numbers, *, side: str) -> tuple[Numbers, npt.NDArray[np.bool_]]:
    """Return the first of `keys` at or after each start (`left`), or after it (`right`), and whether there is one."""
    if not len(keys):
        return starts, np.zeros(len(starts), bool)
    indices = np.searchsorted(keys, starts, side="right" if side == "right" else "left")
    exists = indices < len(keys)
    return keys[np.where(exists, indices, 0)], exists
