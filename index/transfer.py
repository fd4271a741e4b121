"""Transfer of words between processes, packed in columns: pickling each word and term takes longer."""

from __future__ import annotations

import functools
import operator
from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, pairwise
from typing import NamedTuple

from index.analysis.tokens import FieldTerm, Word
from index.schema import TokenField

_BREAK = "\n"
"""Separator of the texts in a column; no token and no term contains a newline."""
_FIELDS = tuple(TokenField)
_FIELD_NUMBERS = {id(field): number for number, field in enumerate(_FIELDS)}
"""By `id`: the hash of an enum is slow."""


class PackedWords(NamedTuple):
    """Columns of words, and columns of the distinct terms of these words."""

    written: str
    """One line for each word."""
    surface: str
    """One line for each word."""
    clitics: str
    """One line for each word, with a space between clitics."""
    stop: bytes
    """One byte for each word: 1 for a stop word, else 0."""
    compounds: str
    """One line for each word."""
    joins: bytes
    """One byte for each word: 0 or 1."""
    counts: bytes
    """Number of terms of each word, type code `I`."""
    terms: bytes
    """Terms of all words, word after word, as indices into the columns below; type code `I`."""
    fields: bytes
    """One byte for each distinct term: the index of its field in `TokenField`."""
    texts: str
    """One line for each distinct term."""
    weights: bytes
    """One for each distinct term, type code `d`."""


def packed(words: Sequence[Word]) -> PackedWords:
    """Return words packed in columns."""
    terms = list(chain.from_iterable(map(operator.attrgetter("terms"), words)))
    keys = list(map(id, terms))  # the analyzer gives equal terms the same object
    distinct = dict(zip(keys, terms, strict=True))
    numbers = {key: number for number, key in enumerate(distinct)}
    fields, texts, weights = zip(*distinct.values(), strict=True) if distinct else ((), (), ())
    return PackedWords(
        _BREAK.join(map(operator.attrgetter("written"), words)),
        _BREAK.join(map(operator.attrgetter("surface"), words)),
        _BREAK.join(" ".join(word.clitics) for word in words),
        bytes(map(operator.attrgetter("stop"), words)),
        _BREAK.join(map(operator.attrgetter("compound"), words)),
        bytes(map(operator.attrgetter("joins"), words)),
        array("I", (len(word.terms) for word in words)).tobytes(),
        array("I", map(numbers.__getitem__, keys)).tobytes(),
        bytes(map(_FIELD_NUMBERS.__getitem__, map(id, fields))),
        _BREAK.join(texts),
        array("d", weights).tobytes(),
    )


def unpacked(columns: PackedWords) -> Iterator[Word]:
    """Yield the words of the columns; equal terms are one object."""
    if not columns.stop:
        return
    fields = map(_FIELDS.__getitem__, columns.fields)
    weights = array("d")
    weights.frombytes(columns.weights)
    # without any terms, `texts` still splits into one empty line, so the lengths may differ
    table = map(_field_term, zip(fields, columns.texts.split(_BREAK), weights, strict=False))
    terms = list(map(list(table).__getitem__, _numbers(columns.terms)))
    bounds = accumulate(_numbers(columns.counts), initial=0)
    rows = zip(
        columns.written.split(_BREAK),
        columns.surface.split(_BREAK),
        map(_clitics, columns.clitics.split(_BREAK)),
        (tuple(terms[begin:end]) for begin, end in pairwise(bounds)),
        map(bool, columns.stop),
        columns.compounds.split(_BREAK),
        map(bool, columns.joins),
        strict=True,
    )
    yield from map(_word, rows)


@functools.lru_cache(maxsize=4096)
def _clitics(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _numbers(data: bytes) -> array[int]:
    numbers = array("I")
    numbers.frombytes(data)
    return numbers


_field_term = functools.partial(tuple.__new__, FieldTerm)
"""The same as `FieldTerm(*values)` in half the time."""
_word = functools.partial(tuple.__new__, Word)
