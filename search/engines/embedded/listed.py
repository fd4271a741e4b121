"""The documents that a listing finds: which are matches, in which tier the others stand, and what each level counts."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from index.schema import LADDER, Level
from search.engine import Listing
from search.engines.embedded.bits import EVERY_LEVEL, Bits, bit
from search.engines.embedded.executor import Executor, Matches
from search.engines.embedded.snapshot import Mask, Numbers
from search.levels import Tier, tiers
from search.request import Sort

_UNLISTED = 255
"""In place of the number of a tier: the document is in none."""
_COUNTED = np.array([[bits >> number & 1 for number in range(len(LADDER))] for bits in range(EVERY_LEVEL + 1)])
"""For each value of bits which levels count the document, int64 of shape (values, levels)."""


class ListedDocuments:
    """The documents that a listing finds, filtered or not; `tiers` has for each its index in `levels.tiers`."""

    def __init__(self, listing: Listing, whole: Matches, bits: Bits) -> None:
        """Hold the matches of `listing.listed`; `bits` says for each which levels count it, by `listing.query`."""
        self._listing = listing
        self._whole = whole
        self._bits = bits
        self._names = tiers(listing.match)
        self.tiers = _tier_of_bits(listing.match)[bits]
        if listing.partial is not None:
            partial = (self.tiers == _UNLISTED) & (whole.bits & bit(LADDER[-1]) > 0)
            self.tiers[partial] = len(self._names) - 1

    def filtered(self, mask: Mask | None) -> ListedDocuments:
        """Return the documents that a mask lets pass; None lets all of them pass."""
        if mask is None:
            return self
        kept = mask[self._whole.documents]
        return ListedDocuments(self._listing, self._whole.only(kept), self._bits[kept])

    @property
    def matches(self) -> Numbers:
        """The documents that are counted, ascending."""
        matches: Numbers = self._whole.documents[self.tiers == 0]
        return matches

    def by_level(self) -> tuple[int, ...]:
        """Return the number of matches for each value of `match=`, in the order of `LADDER`."""
        counts = np.bincount(self._bits, minlength=len(_COUNTED)) @ _COUNTED
        return tuple(counts.tolist())

    def by_tier(self) -> tuple[int, ...]:
        """Return the number of documents in each tier."""
        return tuple(np.bincount(self.tiers, minlength=len(self._names))[: len(self._names)].tolist())

    def tier_of(self, document: int) -> Tier:
        """Return the tier of a listed document."""
        return self._names[int(self.tiers[np.searchsorted(self._whole.documents, document)])]

    def parts(self, typed: Mask | None) -> Iterator[Matches]:
        """Yield the listed documents in parts: those of a part stand before those of the next, whatever their scores.

        `typed` says which documents have the only word in the letters typed; None if there is no such word.
        """
        if not self._listing.lists_tiers:
            chosen = [self.tiers == 0]
        elif self._listing.tiered:
            chosen = [self.tiers == number for number in range(len(self._names))]
        else:
            chosen = [self.tiers != _UNLISTED]
        if typed is not None:
            first = typed[self._whole.documents] & chosen[0]
            exact = int(np.count_nonzero(self._bits & bit(Level.EXACT)))
            if 0 < 2 * np.count_nonzero(first) <= exact:
                chosen = [first, chosen[0] & ~first, *chosen[1:]]
        for part in chosen:
            yield self._whole.only(part)


def found_documents(executor: Executor, listing: Listing) -> ListedDocuments:
    """Return all documents that a listing finds, whatever the filters, with scores that include recency."""
    matches = executor.run(listing.query)
    whole, bits = matches, matches.bits
    if listing.partial is not None:
        whole = executor.run(listing.partial)
        own = np.zeros(executor.snapshot.size, np.uint8)
        own[matches.documents] = matches.bits
        bits = own[whole.documents]
    if listing.raises_newer:
        scores = whole.scores * (1.0 + executor.snapshot.recency[whole.documents])
        whole = Matches(whole.documents, scores, whole.bits)
    return ListedDocuments(listing, whole, bits)


def typed_documents(executor: Executor, listing: Listing) -> Mask | None:
    """Return which documents have the only word of a listing in the letters typed, see `ListedDocuments.parts`."""
    if listing.typed is None or listing.sort is not Sort.RELEVANCE:
        return None
    return executor.having_any_form(listing.typed, executor.forms(listing.typed))


@functools.cache
def _tier_of_bits(match: Level) -> npt.NDArray[np.uint8]:
    """Return for each value of bits the index of the tier: the narrowest `match=` that counts it, `match` first."""
    own = LADDER.index(match)
    numbers = np.full(EVERY_LEVEL + 1, _UNLISTED, np.uint8)
    for number in reversed(range(own, len(LADDER))):
        numbers[(np.arange(EVERY_LEVEL + 1) >> number & 1) > 0] = number - own
    return numbers
