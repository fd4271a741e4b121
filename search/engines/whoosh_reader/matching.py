"""Postings as arrays, and a matcher that iterates over them for Whoosh's queries and collectors."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from whoosh.matching import LeafMatcher, NullMatcher, ReadTooFar
from whoosh.reading import TermInfo

from search.engines.embedded.snapshot import Numbers, Weights

# ruff: noqa: ANN401, D102 - the signatures and their meaning are Whoosh's, whose classes are untyped


class Occurrences(NamedTuple):
    """The occurrences of terms: those of posting `i` are `rows[starts[i]:starts[i + 1]]`."""

    rows: npt.NDArray[np.uint32]
    """Shape (occurrences, 3): position, start and end offset in code points."""
    starts: Numbers
    """Shape (postings + 1,)."""

    def value(self, posting: int) -> bytes:
        """Return the occurrences of a posting in the encoding of `OccurrencesFormat`."""
        begin, end = self.starts[posting : posting + 2].tolist()
        return self.rows[begin:end].astype("<u4", copy=False).tobytes()


class Postings(NamedTuple):
    """The documents that contain a term, ascending, with its weight in each."""

    documents: Numbers
    """Shape (documents,)."""
    weights: Weights
    """Same shape."""
    occurrences: Callable[[], Occurrences] | None = None
    """Reads the occurrences of the term in each document; None if the field has no positions."""


class ArrayMatcher(LeafMatcher):  # type: ignore[misc]  # Whoosh's classes are untyped
    """Iterates over postings as one block: some of Whoosh's wrappers lose their position when a block is skipped."""

    def __init__(
        self,
        ids: Sequence[Any],
        weights: Sequence[float],
        occurrences: Callable[[], Occurrences] | None,
        format_: Any,
        *,
        scorer: Any = None,
        term: tuple[str, bytes] | None = None,
        info: TermInfo | None = None,
    ) -> None:
        """Iterate over postings in the order of `ids`.

        Args:
            ids: of the postings, ascending: documents for a term, terms for a vector.
            weights: the weight of each posting.
            occurrences: reads the occurrences, when first needed.
            format_: decodes the values of postings.
            scorer: computes scores; if None, the score is the weight.
            term: field and text of the term.
            info: statistics that bound the scores of the term; None for a vector.
        """
        self.format, self.scorer, self._term = format_, scorer, term
        self._ids, self._weights, self._occurrences, self._info = ids, weights, occurrences, info
        self._read: Occurrences | None = None
        self._index = 0

    def is_active(self) -> bool:
        return self._index < len(self._ids)

    def reset(self) -> None:
        self._index = 0

    def copy(self) -> ArrayMatcher:
        matcher = ArrayMatcher(
            self._ids,
            self._weights,
            self._occurrences,
            self.format,
            scorer=self.scorer,
            term=self._term,
            info=self._info,
        )
        matcher._index, matcher._read = self._index, self._read
        return matcher

    def id(self) -> Any:
        return self._ids[self._index]

    def all_ids(self) -> Iterator[Any]:
        return iter(self._ids)

    def next(self) -> bool:
        if self._index >= len(self._ids):
            raise ReadTooFar
        self._index += 1
        return False  # there is only one block

    def skip_to(self, id: Any) -> bool:  # noqa: A002 - Whoosh's name
        if self._index >= len(self._ids):
            raise ReadTooFar
        self._index = bisect_left(self._ids, id, self._index)
        return False

    def weight(self) -> float:
        return self._weights[self._index]

    def score(self) -> float:
        return self.weight() if self.scorer is None else float(self.scorer.score(self))

    def value(self) -> bytes:
        if self._occurrences is None:
            return b""
        if self._read is None:
            self._read = self._occurrences()
        return self._read.value(self._index)

    def supports_block_quality(self) -> bool:
        return self.scorer is not None and bool(self.scorer.supports_block_quality())

    def max_quality(self) -> float:
        return self.block_max_weight() if self.scorer is None else float(self.scorer.max_quality())

    def block_quality(self) -> float:
        return self.block_max_weight() if self.scorer is None else float(self.scorer.block_quality(self))

    def block_min_length(self) -> int:
        return 1 if self._info is None else int(self._info.min_length())

    def block_max_weight(self) -> float:
        return max(self._weights, default=0.0) if self._info is None else float(self._info.max_weight())

    def skip_to_quality(self, minquality: float) -> int:
        if self.is_active() and self.block_quality() <= minquality:
            self._index = len(self._ids)
            return 1
        return 0

    def replace(self, minquality: float = 0) -> Any:
        if not self.is_active() or (minquality and self.max_quality() < minquality):
            return NullMatcher()
        return self
