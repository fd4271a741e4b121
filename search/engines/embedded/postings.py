"""Reads the postings of many forms together, and adds them up by document.

The words that occur in a segment are the rows of `segment.present`. A posting column or occurrence column is cut into
runs, one for each row. `base` is the number of the first document of a segment in the snapshot.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.engines.embedded.checked import Array
from index.engines.embedded.segment import SECTIONS, Segment
from index.schema import Section
from search.addresses import allowed
from search.engines.embedded.snapshot import Mask, Numbers, Snapshot, Weights
from search.forms import Forms, Levels

SPARSE_RATIO = 16
"""Number of documents per posting beyond which postings are added up by sorting; with more postings, an array with one
element for each document is faster."""


class Postings(NamedTuple):
    """The postings of the forms of a word; the arrays have one element for each posting.

    A document has one posting for each of the forms in it.
    """

    documents: Numbers
    """Document numbers (int64)."""
    frequencies: Weights
    """Number of occurrences, multiplied by the weight of the form and the norm of the section (float64)."""
    levels: Levels
    """Closeness of the closest level at which the form matches (uint8)."""


class WordDocuments(NamedTuple):
    """The documents that have a form of a word; the arrays have one element for each, ascending by document."""

    documents: Numbers
    """Document numbers (int64), without duplicates."""
    frequencies: Weights
    """Sums of the frequencies of the postings (float64)."""
    levels: Levels
    """Closeness of the closest level at which the document has the word (uint8)."""


def read_postings(snapshot: Snapshot, forms: Forms, sections: Sequence[Section]) -> Postings:
    """Return the postings of forms in the given sections, without deleted documents."""
    parts = []
    for segment, base in zip(snapshot.generation.segments, snapshot.generation.bases, strict=False):
        rows, indices = _present(segment, forms)
        if not len(rows):
            continue
        postings, lengths = runs(segment.posting_starts, rows)
        documents = segment.posting_documents[postings].astype(np.int64)
        documents += base
        frequencies = np.zeros(len(documents))
        for section in sections:
            frequencies += segment.frequencies[section][postings] * snapshot.norms[section][documents]
        if len(rows) == 1:
            frequencies *= forms.weights[indices[0]]
            parts.append(Postings(documents, frequencies, np.full(len(documents), forms.levels[indices[0]])))
        else:
            frequencies *= np.repeat(forms.weights[indices], lengths)
            parts.append(Postings(documents, frequencies, np.repeat(forms.levels[indices], lengths)))
    return _filtered(_joined(parts), snapshot.live, every_section=len(sections) == len(snapshot.norms))


def count_postings(snapshot: Snapshot, forms: Forms) -> int:
    """Return how many postings the forms have, those of deleted documents included."""
    count = 0
    for segment in snapshot.generation.segments:
        rows, _ = _present(segment, forms)
        count += int((segment.posting_starts[rows + 1].astype(np.int64) - segment.posting_starts[rows]).sum())
    return count


def read_occurrences(snapshot: Snapshot, forms: Forms, sections: Sequence[Section], within: int | None) -> Postings:
    """Return one posting for each occurrence of forms in the given sections, without deleted documents.

    In the body only positions below `within` count.
    """
    parts = [
        _segment_occurrences(snapshot, segment, base, forms, sections, within)
        for segment, base in zip(snapshot.generation.segments, snapshot.generation.bases, strict=False)
    ]
    return _filtered(_joined(parts), snapshot.live, every_section=True)


def read_documents(
    snapshot: Snapshot, forms: Forms, sections: Sequence[Section], within: int | None
) -> tuple[Array, Numbers]:
    """Return the documents that have each form in the given sections, deleted ones included, form by form.

    Returns:
        The document numbers (int64), and for each the index of the form in `forms`, ascending within each segment. If
        `within` is given, a form may have the same document several times.
    """
    documents, form_indices = [], []
    for segment, base in zip(snapshot.generation.segments, snapshot.generation.bases, strict=False):
        rows, indices = _present(segment, forms)
        if not len(rows):
            continue
        kept: Mask | slice = slice(None)
        if within is None:
            postings, lengths = runs(segment.posting_starts, rows)
            containing = segment.posting_documents[postings].astype(np.int64)
            if len(sections) < len(SECTIONS):
                kept = np.logical_or.reduce([segment.frequencies[section][postings] > 0 for section in sections])
        else:
            occurrences, lengths = runs(segment.occurrence_starts, rows)
            addresses = segment.occurrences[occurrences].astype(np.int64)
            section_of = np.searchsorted(segment.section_starts, addresses, side="right") - 1
            kept = allowed(segment.section_starts, addresses, section_of, sections, within)
            containing = section_of // len(SECTIONS)
        documents.append(containing[kept] + base if base else containing[kept])
        form_indices.append(np.repeat(indices, lengths)[kept])
    if not documents:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    return np.concatenate(documents), np.concatenate(form_indices)


def runs(starts: Array, rows: Numbers) -> tuple[Numbers | slice, Numbers]:
    """Return the indices of the elements in the runs of `rows`, and the length of each run.

    `starts` holds the index at which each run of a column begins, followed by the end of the last run. `rows` must not
    be empty. The indices of a single run are a slice.
    """
    if len(rows) == 1:
        begin, end = starts[int(rows[0]) : int(rows[0]) + 2].tolist()
        return slice(begin, end), np.array([end - begin])
    begins = starts[rows].astype(np.int64)
    lengths = starts[rows + 1] - begins
    ends = np.cumsum(lengths)
    return np.repeat(begins - ends + lengths, lengths) + np.arange(ends[-1]), lengths


def added(postings: Postings, size: int) -> WordDocuments:
    """Return the documents of postings; `size` is the number of documents in the snapshot."""
    documents, frequencies, levels = postings
    if len(documents) * SPARSE_RATIO > size:
        sums = np.bincount(documents, frequencies, minlength=size)
        closest = np.empty(size, np.uint8)
        for level in np.flatnonzero(np.bincount(levels))[::-1]:  # the closest last: it replaces the others
            closest[documents[levels == level]] = level
        present: Numbers = np.flatnonzero(sums).astype(np.int64, copy=False)
        return WordDocuments(present, sums[present].astype(np.float64, copy=False), closest[present])
    order = np.argsort(documents, kind="stable")
    documents = documents[order]
    first = np.flatnonzero(changes(documents))
    if not len(first):
        return WordDocuments(documents, frequencies, levels)
    return WordDocuments(
        documents[first], np.add.reduceat(frequencies[order], first), np.minimum.reduceat(levels[order], first)
    )


def changes(values: Array) -> npt.NDArray[np.bool_]:
    """Return which values differ from the one before, bool of the same shape; the first one always does."""
    changed = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=changed[1:])
    return changed


def _present(segment: Segment, forms: Forms) -> tuple[Numbers, Numbers]:
    """Return for the forms that occur in a segment their rows in `segment.present`, and their indices in `forms`."""
    if not len(segment.present) or not len(forms.words):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    rows = np.searchsorted(segment.present, forms.words)
    rows[rows == len(segment.present)] = 0
    indices = np.flatnonzero(segment.present[rows] == forms.words)
    return rows[indices], indices


def _segment_occurrences(
    snapshot: Snapshot,
    segment: Segment,
    base: int,
    forms: Forms,
    sections: Sequence[Section],
    within: int | None,
) -> Postings:
    """Return one posting for each occurrence of forms in a segment; see `read_occurrences`."""
    rows, indices = _present(segment, forms)
    if not len(rows):
        return _joined([])
    occurrences, lengths = runs(segment.occurrence_starts, rows)
    addresses = segment.occurrences[occurrences].astype(np.int64)
    section_of = np.searchsorted(segment.section_starts, addresses, side="right") - 1
    kept = allowed(segment.section_starts, addresses, section_of, sections, within)
    section_of = section_of[kept]
    documents = section_of // len(SECTIONS) + base
    frequencies = np.repeat(forms.weights[indices], lengths)[kept]
    for number, section in enumerate(SECTIONS):
        in_section = section_of % len(SECTIONS) == number
        frequencies[in_section] *= snapshot.norms[section][documents[in_section]]
    return Postings(documents, frequencies, np.repeat(forms.levels[indices], lengths)[kept])


def _joined(parts: Sequence[Postings]) -> Postings:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return Postings(np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint8))
    return Postings(
        np.concatenate([part.documents for part in parts]),
        np.concatenate([part.frequencies for part in parts]),
        np.concatenate([part.levels for part in parts]),
    )


def _filtered(postings: Postings, live: Mask | None, *, every_section: bool) -> Postings:
    """Return the postings without deleted documents and without those that have no occurrence in a given section."""
    if live is None and every_section:
        return postings
    kept = postings.frequencies > 0
    if live is not None:
        kept &= live[postings.documents]
    return Postings(postings.documents[kept], postings.frequencies[kept], postings.levels[kept])
