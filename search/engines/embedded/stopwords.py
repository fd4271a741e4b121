"""Finds stop words in the tokens of a segment: they have no postings.

A stop word by itself, and a phrase of stop words alone, need a scan of all tokens, in blocks under the deadline of the
request.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from index.engines.embedded.segment import SECTIONS, Segment
from search import deadline
from search.addresses import allowed, distinct
from search.engines.embedded.postings import runs
from search.engines.embedded.snapshot import Numbers, Snapshot
from search.forms import Forms
from search.query import Term

BLOCK = 1 << 20
"""Tokens that are read at once: four megabytes, one or two milliseconds."""


def stop_word_counts(snapshot: Snapshot, node: Term, forms: Forms) -> Numbers:
    """Return how often a stop word occurs in each section where it may, int64 of shape (documents, sections).

    Deleted documents have none.
    """
    counts = [np.empty(0, np.int64)]
    for segment in snapshot.generation.segments:
        in_segment = np.zeros(len(SECTIONS) * segment.documents, np.int64)
        for addresses in scanned(segment, forms):
            section_of = section_numbers(segment, addresses)
            kept = allowed(segment.section_starts, addresses, section_of, node.sections, node.within)
            # only the sections of the block: a segment may have many more
            first = int(section_of[0]) if len(section_of) else 0
            in_block = np.bincount(section_of[kept] - first)
            in_segment[first : first + len(in_block)] += in_block
        counts.append(in_segment)
    by_section: Numbers = np.concatenate(counts).reshape(-1, len(SECTIONS))
    by_section[~snapshot.all_live] = 0
    return by_section


def scanned(segment: Segment, forms: Forms) -> Iterator[Numbers]:
    """Yield the addresses of the tokens that are among `forms`, ascending, a block at a time.

    Raises:
        SearchTimeoutError: the deadline of the request came first.
    """
    for begin in range(0, len(segment.tokens), BLOCK):
        deadline.check()
        yield begin + np.flatnonzero(forms.contains(segment.tokens[begin : begin + BLOCK]))


def addresses_in(segment: Segment, sections: Numbers | None, forms: Forms) -> Numbers:
    """Return the addresses, ascending, of the tokens of some sections that are among `forms`.

    `sections` are numbers, ascending; None are all sections.

    Raises:
        SearchTimeoutError: the deadline of the request came first.
    """
    found = [np.empty(0, np.int64)]
    if sections is None:
        return np.concatenate([*found, *scanned(segment, forms)])
    lengths = segment.section_starts[sections + 1].astype(np.int64) - segment.section_starts[sections]
    block_of = np.cumsum(lengths) // BLOCK
    for block in distinct(block_of):
        deadline.check()
        addresses, _ = runs(segment.section_starts, sections[block_of == block])
        tokens = segment.tokens[addresses]
        if isinstance(addresses, slice):
            addresses = np.arange(addresses.start, addresses.stop)
        found.append(addresses[forms.contains(tokens)])
    return np.concatenate(found)


def section_numbers(segment: Segment, addresses: Numbers) -> Numbers:
    """Return the number of the section that each address lies in, int64 of the same shape."""
    return np.searchsorted(segment.section_starts, addresses, side="right") - 1
