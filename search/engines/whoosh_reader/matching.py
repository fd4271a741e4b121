"""Postings as arrays, and the matcher that walks them as Whoosh's queries and collectors want it."""

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
    """Where the terms of postings stand: those of posting `i` are `rows[starts[i]:starts[i + 1]]`."""

    rows: npt.NDArray[np.uint32]
    """Of three columns: position, first character, the one behind the last."""
    starts: Numbers

    def value(self, posting: int) -> bytes:
        """Return the occurrences of a posting as `OccurrencesFormat` reads them."""
        begin, end = self.starts[posting : posting + 2].tolist()
        return self.rows[begin:end].astype("<u4", copy=False).tobytes()


class Postings(NamedTuple):
    """The documents that a term stands in, ascending, with its weight in each."""

    documents: Numbers
    weights: Weights
    occurrences: Callable[[], Occurrences] | None = None
    """Reads where the term stands in each document; None where the field has no positions."""


class ArrayMatcher(LeafMatcher):  # type: ignore[misc]  # Whoosh's classes are untyped
    """Walks postings. All of them are one block: some of Whoosh's wrappers lose their place when a block is skipped."""

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
        """Walk postings by `ids`, ascending: documents for a term, terms for a vector.

        Args:
            ids: what the postings are of.
            weights: the weight of each.
            occurrences: reads where the term stands, when that is first asked for.
            format_: reads the values of postings.
            scorer: gives scores; None takes the weight.
            term: field and text of the term.
            info: what bounds the scores of the term; None for a vector, which has none.
        """
        self.format, self.scorer, self._term = format_, scorer, term
        self._ids, self._weights, self._occurrences, self._info = ids, weights, occurrences, info
        self._read: Occurrences | None = None
        self._place = 0

    def is_active(self) -> bool:
        return self._place < len(self._ids)

    def reset(self) -> None:
        self._place = 0

    def copy(self) -> ArrayMatcher:
        made = ArrayMatcher(
            self._ids,
            self._weights,
            self._occurrences,
            self.format,
            scorer=self.scorer,
            term=self._term,
            info=self._info,
        )
        made._place, made._read = self._place, self._read
        return made

    def id(self) -> Any:
        return self._ids[self._place]

    def all_ids(self) -> Iterator[Any]:
        return iter(self._ids)

    def next(self) -> bool:
        if self._place >= len(self._ids):
            raise ReadTooFar
        self._place += 1
        return False  # never a new block

    def skip_to(self, id: Any) -> bool:  # noqa: A002 - Whoosh's name
        if self._place >= len(self._ids):
            raise ReadTooFar
        self._place = bisect_left(self._ids, id, self._place)
        return False

    def weight(self) -> float:
        return self._weights[self._place]

    def score(self) -> float:
        return self.weight() if self.scorer is None else float(self.scorer.score(self))

    def value(self) -> bytes:
        if self._occurrences is None:
            return b""
        if self._read is None:
            self._read = self._occurrences()
        return self._read.value(self._place)

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
            self._place = len(self._ids)
            return 1
        return 0

    def replace(self, minquality: float = 0) -> Any:
        if not self.is_active() or (minquality and self.max_quality() < minquality):
            return NullMatcher()
        return self
