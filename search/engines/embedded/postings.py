"""Postings of many forms at once, and sums over the documents that they stand in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.engines.embedded.arrays import Array
from index.engines.embedded.segment import SECTIONS, Segment
from index.schema import CLOSENESS, Section
from search.engines.addresses import allowed
from search.engines.embedded.snapshot import Mask, Numbers, Snapshot, Weights
from search.engines.forms import Forms
from search.ranking import IDF_LEVEL

SPARSE_RATIO = 16
"""Fewer postings than one in so many documents are added up by sorting, more in an array with a place for each."""


class Postings(NamedTuple):
    """Where the forms of a word stand; arrays of one length, a document may come once for each form."""

    documents: Numbers
    frequencies: Weights
    """Occurrences by the weights of form and section, set against the section's length."""
    close: Mask
    """Whether the form counts when it is judged how rare the word is."""


def read_postings(snapshot: Snapshot, forms: Forms, sections: Sequence[Section]) -> Postings:
    """Return the postings of forms in the given sections, without deleted documents."""
    close = forms.levels <= CLOSENESS[IDF_LEVEL]
    parts = []
    for segment, base in zip(snapshot.generation.segments, snapshot.generation.bases, strict=False):
        found, which = _present(segment, forms)
        if not len(found):
            continue
        rows, lengths = runs(segment.posting_starts, found)
        documents = segment.posting_documents[rows].astype(np.int64)
        documents += base
        frequencies = np.zeros(len(documents))
        for section in sections:
            frequencies += segment.frequencies[section][rows] * snapshot.norms[section][documents]
        if len(found) == 1:
            frequencies *= forms.weights[which[0]]
            parts.append(Postings(documents, frequencies, np.full(len(documents), close[which[0]])))
        else:
            frequencies *= np.repeat(forms.weights[which], lengths)
            parts.append(Postings(documents, frequencies, np.repeat(close[which], lengths)))
    return _filtered(_joined(parts), snapshot.live, every_section=len(sections) == len(snapshot.norms))


def read_occurrences(snapshot: Snapshot, forms: Forms, sections: Sequence[Section], within: int | None) -> Postings:
    """Return each occurrence of forms in the given sections by itself, of the body only positions below `within`."""
    close = forms.levels <= CLOSENESS[IDF_LEVEL]
    parts = [
        _of_segment(snapshot, segment, base, forms, close, sections, within)
        for segment, base in zip(snapshot.generation.segments, snapshot.generation.bases, strict=False)
    ]
    return _filtered(_joined(parts), snapshot.live, every_section=True)


def read_documents(
    snapshot: Snapshot, forms: Forms, sections: Sequence[Section], within: int | None
) -> tuple[Array, Numbers]:
    """Return the documents that have each form in the given sections, deleted ones included, form by form.

    Returns:
        The documents (a form may come with one of them twice where `within` cuts the body), and for each the place of
        the form in `forms`, which ascends within each segment.
    """
    documents, places = [], []
    for segment, base in zip(snapshot.generation.segments, snapshot.generation.bases, strict=False):
        found, which = _present(segment, forms)
        if not len(found):
            continue
        kept: Mask | slice = slice(None)
        if within is None:
            rows, lengths = runs(segment.posting_starts, found)
            containing = segment.posting_documents[rows].astype(np.int64)
            if len(sections) < len(SECTIONS):
                kept = np.logical_or.reduce([segment.frequencies[section][rows] > 0 for section in sections])
        else:
            rows, lengths = runs(segment.occurrence_starts, found)
            addresses = segment.occurrences[rows].astype(np.int64)
            section_of = np.searchsorted(segment.section_starts, addresses, side="right") - 1
            kept = allowed(segment.section_starts, addresses, section_of, sections, within)
            containing = section_of // len(SECTIONS)
        documents.append(containing[kept] + base if base else containing[kept])
        places.append(np.repeat(which, lengths)[kept])
    if not documents:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    return np.concatenate(documents), np.concatenate(places)


def runs(starts: Array, places: Numbers) -> tuple[Numbers | slice, Numbers]:
    """Return the rows of the runs at `places` of a column that `starts` cuts into runs, and the length of each."""
    if len(places) == 1:
        begin, end = starts[int(places[0]) : int(places[0]) + 2].tolist()
        return slice(begin, end), np.array([end - begin])
    begins = starts[places].astype(np.int64)
    lengths = starts[places + 1] - begins
    ends = np.cumsum(lengths)
    return np.repeat(begins - ends + lengths, lengths) + np.arange(ends[-1]), lengths


def added(postings: Postings, size: int) -> tuple[Numbers, Weights]:
    """Return the documents of postings, ascending and each once, with their frequencies added up."""
    documents, frequencies = postings.documents, postings.frequencies
    if len(documents) * SPARSE_RATIO > size:
        sums = np.bincount(documents, frequencies, minlength=size)
        found: Numbers = np.flatnonzero(sums).astype(np.int64, copy=False)
        return found, sums[found].astype(np.float64, copy=False)
    order = np.argsort(documents, kind="stable")
    documents = documents[order]
    first = np.flatnonzero(changes(documents))
    return documents[first], (np.add.reduceat(frequencies[order], first) if len(first) else frequencies)


def distinct(documents: Numbers, size: int) -> int:
    """Return how many different documents there are."""
    if len(documents) * SPARSE_RATIO > size:
        seen = np.zeros(size, bool)
        seen[documents] = True
        return int(np.count_nonzero(seen))
    return int(np.count_nonzero(changes(np.sort(documents))))


def changes(values: Array) -> npt.NDArray[np.bool_]:
    """Return where a value differs from the one before it; the first always does."""
    changed = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=changed[1:])
    return changed


def _present(segment: Segment, forms: Forms) -> tuple[Numbers, Numbers]:
    """Return the places in `segment.present` of the forms that occur in it, and which of the forms these are."""
    if not len(segment.present) or not len(forms.words):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    places = np.searchsorted(segment.present, forms.words)
    places[places == len(segment.present)] = 0
    which = np.flatnonzero(segment.present[places] == forms.words)
    return places[which], which


def _of_segment(
    snapshot: Snapshot,
    segment: Segment,
    base: int,
    forms: Forms,
    close: Mask,
    sections: Sequence[Section],
    within: int | None,
) -> Postings:
    places, which = _present(segment, forms)
    if not len(places):
        return _joined([])
    rows, lengths = runs(segment.occurrence_starts, places)
    addresses = segment.occurrences[rows].astype(np.int64)
    section_of = np.searchsorted(segment.section_starts, addresses, side="right") - 1
    kept = allowed(segment.section_starts, addresses, section_of, sections, within)
    section_of = section_of[kept]
    documents = section_of // len(SECTIONS) + base
    frequencies = np.repeat(forms.weights[which], lengths)[kept]
    for place, section in enumerate(SECTIONS):
        here = section_of % len(SECTIONS) == place
        frequencies[here] *= snapshot.norms[section][documents[here]]
    return Postings(documents, frequencies, np.repeat(close[which], lengths)[kept])


def _joined(parts: Sequence[Postings]) -> Postings:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return Postings(np.empty(0, np.int64), np.empty(0), np.empty(0, bool))
    return Postings(
        np.concatenate([part.documents for part in parts]),
        np.concatenate([part.frequencies for part in parts]),
        np.concatenate([part.close for part in parts]),
    )


def _filtered(postings: Postings, live: Mask | None, *, every_section: bool) -> Postings:
    """Return the postings of documents that are not deleted and have the word in a section that was asked for."""
    if live is None and every_section:
        return postings
    kept = postings.frequencies > 0
    if live is not None:
        kept &= live[postings.documents]
    return Postings(postings.documents[kept], postings.frequencies[kept], postings.close[kept])
