"""Words of the index that are spelled like a word: looked up in the term dictionary, never in documents.

All light stems of a segment lie end to end as letters. Which runs of letters a word shares with each of them is read
off tables, in some tens of milliseconds a million stems; the likeliest are then measured one by one.
"""

from __future__ import annotations

import dataclasses
import itertools
from functools import partial

import numpy as np
import numpy.typing as npt

from index.engines.embedded.segment import Segment
from index.schema import TokenField
from search.engines.embedded.snapshot import Numbers, Snapshot
from search.similarity import LEAST_SIMILAR, nearest

MEASURED = 400
"""Stems of a segment that are measured one by one, ten times as many as are taken."""
LONGEST = 30
"""Letters of a word that is sought; longer ones are no misspellings."""

_HIGH_BITS, _GOES_ON = 0b1100_0000, 0b1000_0000
"""How UTF-8 tells the bytes that go on with a letter from the one that begins it (RFC 3629)."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Letters:
    """The stems of a segment."""

    codes: npt.NDArray[np.uint16]
    """Their letters end to end, an edge (0) before each and behind the last."""
    starts: Numbers
    """Where the edge before each stands."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return self.codes.nbytes + self.starts.nbytes

    def alike(self, word: str) -> list[str]:
        """Return the likeliest stems, at most `MEASURED` of them."""
        if not len(self.starts):
            return []
        letters = dict.fromkeys(word)
        base = len(letters) + 2
        small = np.full(1 << 16, base - 1, np.uint8)
        small[0] = 0
        small[[min(ord(letter), 0xFFFF) for letter in letters]] = np.arange(1, base - 1)
        codes = small[self.codes].astype(np.uint16)
        own = [0, *(int(small[min(ord(letter), 0xFFFF)]) for letter in word), 0]
        twos = np.zeros(base**2, np.uint8)
        twos[[first * base + second for first, second in itertools.pairwise(own)]] = 1
        threes = np.zeros(base**3, np.uint8)
        triples = zip(own, own[1:], own[2:], strict=False)
        threes[[(first * base + second) * base + third for first, second, third in triples]] = 1
        pairs = codes[:-1] * np.uint16(base) + codes[1:]
        shared = twos[pairs]
        shared[:-1] += threes[pairs[:-1] * np.uint16(base) + codes[2:]]
        counts = np.add.reduceat(shared, self.starts, dtype=np.int64)
        sizes = 2 * np.diff(self.starts, append=len(self.codes) - 1) - 1
        similar = 2.0 * counts / (sizes + 2 * len(word) + 1)
        likely = np.flatnonzero(similar >= LEAST_SIMILAR)
        likely = likely[np.argsort(-similar[likely], kind="stable")[:MEASURED]]
        return [self._text(place) for place in likely.tolist()]

    def _text(self, place: int) -> str:
        begin = int(self.starts[place]) + 1
        end = int(self.starts[place + 1]) if place + 1 < len(self.starts) else len(self.codes) - 1
        return "".join(map(chr, self.codes[begin:end].tolist()))


def neighbours(snapshot: Snapshot, word: str) -> list[tuple[str, float]]:
    """Return the light stems of the index that are spelled like a word, with their similarity, the nearest first."""
    if not 0 < len(word) <= LONGEST:
        return []
    likely: list[str] = []
    for place, segment in enumerate(snapshot.generation.segments):
        letters = snapshot.cache.get(("letters", place), _Letters, partial(_letters, segment))
        likely += letters.alike(word)
    return nearest(word, likely)


def _letters(segment: Segment) -> _Letters:
    """Return the stems of a segment; the letter of the field, with which each key begins, becomes the edge."""
    text, ends = segment.terms.between(*segment.terms_of_field(TokenField.CLITIC))
    letters = text.tobytes().decode("utf-8", "surrogatepass").encode("utf-32-le", "surrogatepass")
    codes = np.minimum(np.frombuffer(letters, np.uint32), 0xFFFF).astype(np.uint16)
    begun = np.concatenate([[0], np.cumsum((text & _HIGH_BITS) != _GOES_ON)])
    starts = begun[np.concatenate([[0], ends])[:-1]]
    codes[starts] = 0
    return _Letters(np.append(codes, np.uint16(0)), starts)
