"""Finds phrases, and windows with several words, in a segment by the addresses of tokens.

The occurrences of the rarest word of a phrase are the candidates; the tokens around them show whether the other words
are at their offsets.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.engines.embedded.checked import Array
from index.engines.embedded.segment import Segment
from index.schema import Section
from search.addresses import allowed, window_starts
from search.engines.embedded.postings import runs
from search.engines.embedded.snapshot import Numbers
from search.forms import Forms
from search.query import Near, Phrase


def phrase_starts(
    segment: Segment, node: Phrase, forms: Sequence[Forms], sections: Sequence[Section]
) -> tuple[Numbers, Numbers]:
    """Return the addresses in a segment at which a phrase begins, and the section number of each; in no order.

    `forms` has the forms of each word of the phrase; `sections` are those in which the phrase may occur.
    """
    offsets = node.offsets
    rows_of = [segment.present_indices(form.words) for form in forms]
    counts = [_occurrences(segment, rows) for rows in rows_of]
    rarest = min(range(len(forms)), key=counts.__getitem__)
    if not counts[rarest]:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    occurrences, _ = runs(segment.occurrence_starts, rows_of[rarest])
    starts = segment.occurrences[occurrences].astype(np.int64) - offsets[rarest]
    # the section is that of the rarest word: a phrase must not begin before the section or end after it
    section_of = np.searchsorted(segment.section_starts, starts + offsets[rarest], side="right") - 1
    kept = starts >= segment.section_starts[section_of]
    kept &= starts + offsets[-1] < segment.section_starts[section_of + 1]
    for term, offset in zip(node.terms, offsets, strict=True):
        kept &= allowed(segment.section_starts, starts + offset, section_of, sections, term.within)
    starts, section_of = starts[kept], section_of[kept]
    for number, (offset, form) in enumerate(zip(offsets, forms, strict=True)):
        if number != rarest:
            matched = form.contains(segment.tokens[starts + offset])
            starts, section_of = starts[matched], section_of[matched]
    return starts, section_of


def near_starts(
    segment: Segment, node: Near, forms: Sequence[Forms], sections: Sequence[Section]
) -> tuple[Numbers, Numbers]:
    """Return the addresses in a segment at which a window with all words begins, and the section number of each.

    The addresses are ascending, without duplicates. `forms` and `sections` are as in `phrase_starts`.
    """
    keys = []
    reach = len(node.terms) + node.slop
    for term, form in zip(node.terms, forms, strict=True):
        rows = segment.present_indices(form.words)
        if not len(rows):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        occurrences, _ = runs(segment.occurrence_starts, rows)
        addresses = np.sort(segment.occurrences[occurrences].astype(np.int64))
        section_of = np.searchsorted(segment.section_starts, addresses, side="right") - 1
        kept = allowed(segment.section_starts, addresses, section_of, sections, term.within)
        # a gap of one window between adjacent sections keeps windows from spanning two of them
        keys.append(addresses[kept] + section_of[kept] * reach)
    starts = window_starts(keys, reach, ordered=node.ordered)
    spread = segment.section_starts + np.arange(len(segment.section_starts)) * reach
    section_of = np.searchsorted(spread, starts, side="right") - 1
    return starts - section_of * reach, section_of


def _occurrences(segment: Segment, rows: Numbers) -> int:
    """Return the number of occurrences of the words in these rows of `segment.present`."""
    starts: Array = segment.occurrence_starts
    return int((starts[rows + 1].astype(np.int64) - starts[rows]).sum())
