"""Finds phrases, and windows with several words, in a segment by the addresses of tokens.

The occurrences of the rarest content word of a phrase are the candidates; the tokens around them show whether the other
words are at their offsets. A phrase of stop words alone has its candidates in a scan of the tokens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial, reduce

import numpy as np

from index.engines.embedded.checked import Array
from index.engines.embedded.segment import Segment
from index.schema import Section
from search.addresses import allowed, distinct, window_starts
from search.engines.embedded.postings import runs
from search.engines.embedded.snapshot import Numbers
from search.engines.embedded.stopwords import addresses_in, scanned, section_numbers
from search.forms import Forms
from search.query import Near, Phrase


def phrase_starts(
    segment: Segment, node: Phrase, forms: Sequence[Forms], sections: Sequence[Section]
) -> tuple[Numbers, Numbers]:
    """Return the addresses in a segment at which a phrase begins, and the section number of each; in no order.

    `forms` has the forms of each word of the phrase; `sections` are those in which the phrase may occur.

    Raises:
        SearchTimeoutError: the deadline of the request came first.
    """
    if not all(len(form.words) for form in forms):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    rarest, candidates = _candidates(segment, node, forms)
    starts, section_of = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for addresses in candidates:
        found = _verified(segment, node, forms, sections, rarest, addresses)
        starts.append(found[0])
        section_of.append(found[1])
    return np.concatenate(starts), np.concatenate(section_of)


def _candidates(segment: Segment, node: Phrase, forms: Sequence[Forms]) -> tuple[int, Iterator[Numbers]]:
    """Return the index of the word of a phrase that is looked for first, and its addresses, in parts."""
    counts = {
        number: _occurrences(segment, segment.present_indices(form.words))
        for number, (term, form) in enumerate(zip(node.terms, forms, strict=True))
        if not term.stop
    }
    if not counts:
        return 0, scanned(segment, forms[0])
    rarest = min(counts, key=counts.__getitem__)
    if not counts[rarest]:
        return rarest, iter(())
    occurrences, _ = runs(segment.occurrence_starts, segment.present_indices(forms[rarest].words))
    return rarest, iter((segment.occurrences[occurrences].astype(np.int64),))


def _verified(
    segment: Segment,
    node: Phrase,
    forms: Sequence[Forms],
    sections: Sequence[Section],
    rarest: int,
    addresses: Numbers,
) -> tuple[Numbers, Numbers]:
    """Return the starts of the phrases whose word number `rarest` stands at one of `addresses`, and their sections."""
    offsets = node.offsets
    starts = addresses - offsets[rarest]
    # the section is that of the rarest word: a phrase must not begin before the section or end after it
    section_of = section_numbers(segment, addresses)
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

    Raises:
        SearchTimeoutError: the deadline of the request came first.
    """
    reach = len(node.terms) + node.slop
    keys = []
    for term, addresses in zip(node.terms, _addresses(segment, node, forms), strict=True):
        section_of = section_numbers(segment, addresses)
        kept = allowed(segment.section_starts, addresses, section_of, sections, term.within)
        # a gap of one window between adjacent sections keeps windows from spanning two of them
        keys.append(addresses[kept] + section_of[kept] * reach)
    starts = window_starts(keys, reach, ordered=node.ordered)
    spread = segment.section_starts + np.arange(len(segment.section_starts)) * reach
    section_of = np.searchsorted(spread, starts, side="right") - 1
    return starts - section_of * reach, section_of


def _addresses(segment: Segment, node: Near, forms: Sequence[Forms]) -> list[Numbers]:
    """Return the addresses of each word of a window, ascending; of stop words those near which the others may be."""
    found: dict[int, Numbers] = {}
    for number, (term, form) in enumerate(zip(node.terms, forms, strict=True)):
        if not term.stop:
            rows = segment.present_indices(form.words)
            occurrences = runs(segment.occurrence_starts, rows)[0] if len(rows) else slice(0)
            found[number] = np.sort(segment.occurrences[occurrences].astype(np.int64))
    inside = [distinct(section_numbers(segment, addresses)) for addresses in found.values()]
    sections = reduce(partial(np.intersect1d, assume_unique=True), inside) if inside else None
    for number, (term, form) in enumerate(zip(node.terms, forms, strict=True)):
        if term.stop:
            found[number] = addresses_in(segment, sections, form)
    return [found[number] for number in range(len(forms))]


def _occurrences(segment: Segment, rows: Numbers) -> int:
    """Return the number of occurrences of the words in these rows of `segment.present`."""
    starts: Array = segment.occurrence_starts
    return int((starts[rows + 1].astype(np.int64) - starts[rows]).sum())
