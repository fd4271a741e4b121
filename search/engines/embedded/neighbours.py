"""Selects the words of the index that may be spelled like a word, in the term dictionary.

The light stems of a segment are concatenated in one array of letters. A pass over it estimates the similarity of all of
them by lookup tables of n-grams, in some tens of milliseconds per million stems.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from functools import partial

import numpy as np
import numpy.typing as npt

from index.engines.embedded.segment import Segment
from index.schema import TokenField
from search import deadline
from search.engines.cache import Stems
from search.engines.embedded.snapshot import Numbers, Snapshot
from search.similarity import LEAST_SIMILAR, MEASURED

_HIGH_BITS, _CONTINUATION = 0b1100_0000, 0b1000_0000
"""Mask of a UTF-8 byte, and its value for a continuation byte (RFC 3629)."""


@dataclasses.dataclass(frozen=True, slots=True)
class _SegmentStems:
    """The stems of a segment, as letters."""

    codes: npt.NDArray[np.uint16]
    """Code points of the concatenated stems, with a boundary (0) before each stem and after the last."""
    starts: Numbers
    """Index of the boundary before each stem, shape (stems,)."""

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return self.codes.nbytes + self.starts.nbytes

    def most_similar(self, word: str) -> list[str]:
        """Return at most `MEASURED` stems whose estimated similarity to `word` is highest, the highest first.

        Letters that are not in `word` share one code, so that the n-grams fit into small tables.
        """
        if not len(self.starts):
            return []
        letters = dict.fromkeys(word)
        base = len(letters) + 2
        recode = np.full(1 << 16, base - 1, np.uint8)
        recode[0] = 0
        recode[[min(ord(letter), 0xFFFF) for letter in letters]] = np.arange(1, base - 1)
        codes = recode[self.codes].astype(np.uint16)
        own = [0, *(int(recode[min(ord(letter), 0xFFFF)]) for letter in word), 0]
        bigrams = np.zeros(base**2, np.uint8)
        bigrams[[first * base + second for first, second in itertools.pairwise(own)]] = 1
        trigrams = np.zeros(base**3, np.uint8)
        triples = zip(own, own[1:], own[2:], strict=False)
        trigrams[[(first * base + second) * base + third for first, second, third in triples]] = 1
        pairs = codes[:-1] * np.uint16(base) + codes[1:]
        shared = bigrams[pairs]
        shared[:-1] += trigrams[pairs[:-1] * np.uint16(base) + codes[2:]]
        counts = np.add.reduceat(shared, self.starts, dtype=np.int64)
        sizes = 2 * np.diff(self.starts, append=len(self.codes) - 1) - 1
        similarities = 2.0 * counts / (sizes + 2 * len(word) + 1)
        likely = np.flatnonzero(similarities >= LEAST_SIMILAR)
        likely = likely[np.argsort(-similarities[likely], kind="stable")[:MEASURED]]
        return [self._text(index) for index in likely.tolist()]

    def _text(self, index: int) -> str:
        begin = int(self.starts[index]) + 1
        end = int(self.starts[index + 1]) if index + 1 < len(self.starts) else len(self.codes) - 1
        return "".join(map(chr, self.codes[begin:end].tolist()))


def likely_stems(snapshot: Snapshot, word: str) -> tuple[str, ...]:
    """Return at most `MEASURED` light stems of each segment that share most n-grams with a word."""
    deadline.check()
    return snapshot.cache.get(("likely stems", word), Stems, lambda: Stems(tuple(_likely_stems(snapshot, word)))).texts


def _likely_stems(snapshot: Snapshot, word: str) -> Iterator[str]:
    for number, segment in enumerate(snapshot.generation.segments):
        stems = snapshot.cache.get(("stems", number), _SegmentStems, partial(_read_stems, segment))
        yield from stems.most_similar(word)


def _read_stems(segment: Segment) -> _SegmentStems:
    """Return the stems of a segment; the field code, the first letter of each key, becomes the boundary."""
    text, ends = segment.terms.between(*segment.terms_of_field(TokenField.CLITIC))
    letters = text.tobytes().decode("utf-8", "surrogatepass").encode("utf-32-le", "surrogatepass")
    codes = np.minimum(np.frombuffer(letters, np.uint32), 0xFFFF).astype(np.uint16)
    # number of letters before each byte: maps byte offsets to offsets of letters
    letters_before = np.concatenate([[0], np.cumsum((text & _HIGH_BITS) != _CONTINUATION)])
    starts = letters_before[np.concatenate([[0], ends])[:-1]]
    codes[starts] = 0
    return _SegmentStems(np.append(codes, np.uint16(0)), starts)
