"""Words on their way between processes, in columns: values by themselves take long to pickle."""

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
"""Between the texts of a column; no token and no term has a line end."""
_FIELDS = tuple(TokenField)
_PLACES = {id(field): place for place, field in enumerate(_FIELDS)}
"""By identity: the hash of an enum is slow."""


class PackedWords(NamedTuple):
    """Words, and the terms that they share."""

    written: str
    """Of each word, a line each."""
    surface: str
    clitics: str
    """Of each word on one line, a space between them."""
    stop: bytes
    counts: bytes
    """How many terms each word has, of type code `I`."""
    terms: bytes
    """The terms of all words end to end, numbers of the columns below, of type code `I`."""
    fields: bytes
    """Places in `TokenField`."""
    texts: str
    weights: bytes
    """Of type code `d`."""


def packed(words: Sequence[Word]) -> PackedWords:
    """Return words in columns."""
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
        array("I", (len(word.terms) for word in words)).tobytes(),
        array("I", map(numbers.__getitem__, keys)).tobytes(),
        bytes(map(_PLACES.__getitem__, map(id, fields))),
        _BREAK.join(texts),
        array("d", weights).tobytes(),
    )


def unpacked(columns: PackedWords) -> Iterator[Word]:
    """Yield the words again; terms that were one object are one object again."""
    if not columns.stop:
        return
    fields = map(_FIELDS.__getitem__, columns.fields)
    weights = array("d")
    weights.frombytes(columns.weights)
    # without terms there is still one line, an empty one
    table = map(_field_term, zip(fields, columns.texts.split(_BREAK), weights, strict=False))
    terms = list(map(list(table).__getitem__, _numbers(columns.terms)))
    bounds = accumulate(_numbers(columns.counts), initial=0)
    rows = zip(
        columns.written.split(_BREAK),
        columns.surface.split(_BREAK),
        map(_clitics, columns.clitics.split(_BREAK)),
        (tuple(terms[begin:end]) for begin, end in pairwise(bounds)),
        map(bool, columns.stop),
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
"""Makes what FieldTerm(*values) does, in half the time."""
_word = functools.partial(tuple.__new__, Word)
