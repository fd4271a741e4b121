"""Merging: adjacent segments become one. Deleted documents are left out, the others keep their order.

Word numbers do not change. Therefore tokens are copied, and the postings of a word are concatenated from its segments.
Postings are copied a range of words at a time, which bounds the memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.engines.embedded.arrays import ArrayFileWriter, narrowed, narrowest, put_strings
from index.engines.embedded.checked import Array
from index.engines.embedded.segment import SECTIONS, Segment
from index.engines.embedded.segment_builder import put_facet
from index.engines.embedded.vocabulary import put_terms
from index.schema import FacetField

CHUNK = 4_000_000
"""Postings that are copied at once: about 100 MB."""

Live = npt.NDArray[np.bool_]
"""One entry for each document (or token) of a segment: true if it is not deleted."""


def merge(path: Path, segments: Sequence[Segment], live: Sequence[Live]) -> int:
    """Write the documents of `segments` that are `live` as one segment; return its checksum.

    `live` has one boolean array by document for each segment. The segments must be adjacent in the index, so that the
    numbers of the words that they add are consecutive.

    Raises:
        IndexDamagedError: a segment is not what was written. Its damage must not get a checksum of its own, which would
            hide it for ever (Lucene checks every file that it merges for this reason).
        OSError: the file cannot be written; it is removed.
    """
    for segment in segments:
        segment.file.check()
    file = ArrayFileWriter(path)
    try:
        parts = [_Part(segment, kept) for segment, kept in zip(segments, live, strict=True)]
        documents = sum(part.documents for part in parts)
        _put_documents(file, parts)
        tokens = _put_tokens(file, parts)
        _put_words(file, segments)
        _put_postings(file, parts, documents, tokens)
        return file.finish({"documents": documents, "first_word": segments[0].first_word})
    except BaseException:
        file.discard()
        raise


class _Part:
    """One of the merged segments, with its live documents."""

    def __init__(self, segment: Segment, live: Live) -> None:
        self.segment = segment
        self.kept = np.flatnonzero(live)
        self.documents = len(self.kept)
        self.whole = self.documents == segment.documents
        starts = segment.section_starts.astype(np.int64)
        lengths = np.diff(starts)
        self.section_lengths = lengths.reshape(-1, len(SECTIONS))[self.kept].ravel()
        self.live_addresses: Live | None = None
        if not self.whole:
            self.live_addresses = np.repeat(np.repeat(live, len(SECTIONS)), lengths)
        self._live = live

    def of_documents(self, values: Array) -> Array:
        """Return the values of the live documents; `values` has one for each document."""
        return values if self.whole else values[self.kept]

    def of_tokens(self, values: Array) -> Array:
        """Return the values of the tokens of live documents; `values` has one for each address."""
        return values if self.live_addresses is None else values[self.live_addresses]

    def postings(self) -> _Runs:
        """Return the postings by word: columns for the document and for the frequency in each section."""
        segment = self.segment
        frequencies = [segment.frequencies[section].whole() for section in SECTIONS]
        runs = _Runs(segment.present, segment.posting_starts, [segment.posting_documents.whole(), *frequencies])
        return runs if self.whole else runs.renumbered(self._live)

    def occurrences(self) -> _Runs:
        """Return the addresses of the tokens by word, in one column."""
        segment = self.segment
        runs = _Runs(segment.present, segment.occurrence_starts, [segment.occurrences.whole()])
        return runs if self.live_addresses is None else runs.renumbered(self.live_addresses)


class _Runs:
    """Columns divided into runs, one for each word. The first column has numbers of documents or addresses.

    The run of `words[i]` is `starts[i]` to before `starts[i + 1]` in each column.
    """

    def __init__(self, words: Array, starts: Array, columns: list[Array]) -> None:
        self.words = words
        self.starts = starts.astype(np.int64)
        self.columns = columns

    def renumbered(self, live: Live) -> _Runs:
        """Return the runs of the live numbers only, renumbered from 0; words without any are left out."""
        new_numbers = np.cumsum(live) - 1
        kept = live[self.columns[0]]
        starts = np.concatenate([[0], np.cumsum(kept)])[self.starts]
        used = starts[1:] > starts[:-1]
        columns = [new_numbers[self.columns[0][kept]], *(column[kept] for column in self.columns[1:])]
        return _Runs(self.words[used], np.append(starts[:-1][used], starts[-1]), columns)


def _put_documents(file: ArrayFileWriter, parts: Sequence[_Part]) -> None:
    ids = [key for part in parts for key in _live_ids(part)]
    put_strings(file, "ids", ids)
    file.put("id_order", narrowed(np.array(sorted(range(len(ids)), key=ids.__getitem__), np.int64)))
    file.put("days", np.concatenate([part.of_documents(part.segment.days) for part in parts]))
    file.put("moments", np.concatenate([part.of_documents(part.segment.timestamps) for part in parts]))
    for section in SECTIONS:
        lengths = [part.of_documents(part.segment.lengths[section]) for part in parts]
        file.put(f"{section}_lengths", narrowed(np.concatenate(lengths)))
    for field in FacetField:
        put_facet(file, field, [values for part in parts for values in _facet_values(part, field)])


def _live_ids(part: _Part) -> Iterator[bytes]:
    ids = part.segment.ids.all()
    return (ids[number] for number in part.kept.tolist())


def _facet_values(part: _Part, field: FacetField) -> Iterator[tuple[str, ...]]:
    labels, starts, ordinals = part.segment.facet(field)
    values = [labels[ordinal] for ordinal in ordinals.tolist()]
    if starts is None:
        return ((values[number],) for number in part.kept.tolist())
    bounds = starts.tolist()
    return (tuple(values[bounds[number] : bounds[number + 1]]) for number in part.kept.tolist())


def _put_tokens(file: ArrayFileWriter, parts: Sequence[_Part]) -> int:
    """Write the token arrays; return the number of tokens."""
    lengths = np.concatenate([part.section_lengths for part in parts])
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    file.put("section_starts", narrowed(starts))
    for name in ("tokens", "token_starts", "token_lengths"):
        columns: list[Array] = [getattr(part.segment, name).whole() for part in parts]
        kind = np.result_type(*columns)
        file.put_chunks(name, kind, (part.of_tokens(column) for part, column in zip(parts, columns, strict=True)))
    return int(starts[-1])


def _put_words(file: ArrayFileWriter, segments: Sequence[Segment]) -> None:
    keys = [key for segment in segments for key in segment.written.all()]
    put_strings(file, "written", keys)
    file.put("written_order", narrowed(np.array(sorted(range(len(keys)), key=keys.__getitem__), np.int64)))
    numbers: dict[bytes, int] = {}
    terms, weights, counts = [], [], []
    for segment in segments:
        new_numbers = np.array([numbers.setdefault(key, len(numbers)) for key in segment.terms.all()], np.int64)
        terms.append(new_numbers[segment.word_terms.whole()])
        weights.append(segment.weights[segment.word_term_weights.whole()])
        counts.append(np.diff(segment.word_term_starts.astype(np.int64)))
    first = segments[0].first_word
    put_terms(file, first, list(numbers), np.concatenate(terms), np.concatenate(weights), np.concatenate(counts))


def _put_postings(file: ArrayFileWriter, parts: Sequence[_Part], documents: int, tokens: int) -> None:
    document_bases = np.cumsum([0, *(part.documents for part in parts)])[:-1].tolist()
    token_bases = np.cumsum([0, *(int(part.section_lengths.sum()) for part in parts)])[:-1].tolist()
    postings = [part.postings() for part in parts]
    words: Array = np.unique(np.concatenate([runs.words for runs in postings]))
    file.put("present", words.astype("<u4"))
    names = ["posting_documents", *(f"{section}_frequencies" for section in SECTIONS)]
    kinds = [narrowest(documents)]
    kinds += [np.result_type(*(runs.columns[1 + index] for runs in postings)) for index in range(len(SECTIONS))]
    _put_runs(file, words, postings, document_bases, "posting_starts", list(zip(names, kinds, strict=True)))
    occurrences = [part.occurrences() for part in parts]
    _put_runs(file, words, occurrences, token_bases, "occurrence_starts", [("occurrences", narrowest(tokens))])


def _put_runs(
    file: ArrayFileWriter,
    words: Array,
    parts: Sequence[_Runs],
    bases: Sequence[int],
    starts_name: str,
    columns: Sequence[tuple[str, npt.DTypeLike]],
) -> None:
    """Write the runs of `words`, each concatenated from the parts.

    `bases[i]`, the number of documents or tokens before part `i`, is added to the first column of that part. `columns`
    has a name and a dtype for each column.
    """
    sizes = np.zeros((len(parts), len(words)), np.int64)
    for index, runs in enumerate(parts):
        sizes[index, np.searchsorted(words, runs.words)] = np.diff(runs.starts)
    starts = np.concatenate([[0], np.cumsum(sizes.sum(axis=0))]).astype(np.int64)
    file.put(starts_name, narrowed(starts))
    cuts = _cuts(starts)
    for column, (name, kind) in enumerate(columns):
        file.put_chunks(
            name, kind, _merged_chunks(parts, bases if column == 0 else [0] * len(bases), sizes, starts, cuts, column)
        )


def _cuts(starts: npt.NDArray[np.int64]) -> list[int]:
    """Return the word indices, ascending, that divide the words into ranges of about `CHUNK` postings each."""
    wanted = np.arange(0, int(starts[-1]) + 1, CHUNK)
    cuts = np.searchsorted(starts, wanted).tolist()
    return sorted({0, *cuts, len(starts) - 1})


def _merged_chunks(
    parts: Sequence[_Runs],
    bases: Sequence[int],
    sizes: npt.NDArray[np.int64],
    starts: npt.NDArray[np.int64],
    cuts: Sequence[int],
    column: int,
) -> Iterator[Array]:
    """Yield one column of the merged runs, a range of words at a time.

    `sizes` (parts x words) has the length of each run in each part, `starts` the start of each merged run, `cuts` the
    bounds of the ranges.
    """
    part_starts = [np.concatenate([[0], np.cumsum(part)]).astype(np.int64) for part in sizes]
    for begin, end in pairwise(cuts):
        out = np.empty(int(starts[end] - starts[begin]), np.int64)
        targets = starts[begin:end] - starts[begin]
        for runs, base, part_sizes, source_starts in zip(parts, bases, sizes, part_starts, strict=True):
            lengths = part_sizes[begin:end]
            source = runs.columns[column][source_starts[begin] : source_starts[end]]
            # target minus source index of each run: added to an index in the source, it gives the index in the result
            shifts = targets - (source_starts[begin:end] - source_starts[begin])
            out[np.repeat(shifts, lengths) + np.arange(len(source))] = source + np.int64(base)
            targets = targets + lengths
        yield out
