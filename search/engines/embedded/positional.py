"""Words at fixed distances (phrases) and words close together, found by the addresses of tokens.

The rarest word of a phrase proposes places; whether the others stand where they must is read from the tokens there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.engines.embedded.arrays import Array
from index.engines.embedded.segment import Segment
from index.schema import Section
from search.engines.addresses import allowed, window_starts
from search.engines.embedded.postings import runs
from search.engines.embedded.snapshot import Numbers
from search.engines.forms import Forms
from search.query import Near, Phrase


def phrase_starts(
    segment: Segment, node: Phrase, forms: Sequence[Forms], sections: Sequence[Section]
) -> tuple[Numbers, Numbers]:
    """Return the addresses in a segment at which a phrase begins, and the section each lies in; in no order."""
    offsets = node.offsets
    places = [segment.places(form.words) for form in forms]
    counts = [_occurrences(segment, found) for found in places]
    rarest = min(range(len(forms)), key=counts.__getitem__)
    if not counts[rarest]:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    rows, _ = runs(segment.occurrence_starts, places[rarest])
    starts = segment.occurrences[rows].astype(np.int64) - offsets[rarest]
    # the section is that of the token found: a phrase that would begin before it, or end behind it, is none
    within = np.searchsorted(segment.section_starts, starts + offsets[rarest], side="right") - 1
    kept = starts >= segment.section_starts[within]
    kept &= starts + offsets[-1] < segment.section_starts[within + 1]
    for term, offset in zip(node.terms, offsets, strict=True):
        kept &= allowed(segment.section_starts, starts + offset, within, sections, term.within)
    starts, within = starts[kept], within[kept]
    for number, (offset, form) in enumerate(zip(offsets, forms, strict=True)):
        if number != rarest:
            found = form.within(segment.tokens[starts + offset])
            starts, within = starts[found], within[found]
    return starts, within


def near_starts(
    segment: Segment, node: Near, forms: Sequence[Forms], sections: Sequence[Section]
) -> tuple[Numbers, Numbers]:
    """Return the addresses in a segment at which a window with all words begins, each once, and their sections."""
    keys = []
    reach = len(node.terms) + node.slop
    for term, form in zip(node.terms, forms, strict=True):
        places = segment.places(form.words)
        if not len(places):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        rows, _ = runs(segment.occurrence_starts, places)
        addresses = np.sort(segment.occurrences[rows].astype(np.int64))
        within = np.searchsorted(segment.section_starts, addresses, side="right") - 1
        kept = allowed(segment.section_starts, addresses, within, sections, term.within)
        # sections lie end to end; spread apart by more than a window, none reaches from one into the next
        keys.append(addresses[kept] + within[kept] * reach)
    found = window_starts(keys, reach, ordered=node.ordered)
    spread = segment.section_starts + np.arange(len(segment.section_starts)) * reach
    within = np.searchsorted(spread, found, side="right") - 1
    return found - within * reach, within


def _occurrences(segment: Segment, places: Numbers) -> int:
    starts: Array = segment.occurrence_starts
    return int((starts[places + 1].astype(np.int64) - starts[places]).sum())
