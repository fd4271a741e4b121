"""Analyzed texts on their way between processes: numbers for words, and each distinct word once.

A word is shared by all its occurrences, and an engine's writer is quick only while that holds. So a worker numbers its
words and sends each with the first text that has it; the other end makes one object of it, for all workers.
"""

from __future__ import annotations

import functools
import operator
from array import array
from collections.abc import Iterable, Iterator
from itertools import accumulate, chain
from typing import NamedTuple

from index.analysis.tokens import AnalyzedText, FieldTerm, Word
from index.schema import TokenField

_WORDS_AT_MOST = 150_000
"""Words that each end remembers of the other, about 1.5 kB each; as many as the analyzer does."""
_BREAK = "\n"
"""Between the texts of a column; no token and no term has a line end."""
_FIELDS = tuple(TokenField)
_PLACES = {id(field): place for place, field in enumerate(_FIELDS)}
"""By identity: the hash of an enum is slow."""


class PackedText(NamedTuple):
    """The words and offsets of a text, without the text."""

    words: bytes
    """Numbers of words, of type code `I` like the offsets."""
    starts: bytes
    ends: bytes


class Vocabulary(NamedTuple):
    """The words that texts need and that were not sent before, in columns: values by themselves take long to pickle."""

    anew: bool
    """Whether the numbers begin at 0 again, and what was sent before can be forgotten."""
    spelled: str
    """As in the texts, a line each; the same analyzer makes the same word of the same spelling anywhere."""
    written: str
    surface: str
    clitics: str
    """Of each word on one line, a space between them."""
    stop: bytes
    counts: bytes
    """How many terms each word has, of type code `I`; the columns below have as many entries."""
    fields: bytes
    """Places in `TokenField`."""
    terms: str
    weights: bytes
    """Of type code `d`."""


class Packer:
    """The sending end: numbers the words of analyzed texts."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        """By identity: the analyzer gives all occurrences of a word the same object. Kept alive in `_kept`."""
        self._kept: list[Word] = []
        self._fresh: list[str] = []
        """Spellings of the last of `_kept`, which were not sent yet."""
        self._anew = True

    def pack(self, text: AnalyzedText) -> PackedText:
        """Return the text for sending; the `vocabulary` has to arrive before it."""
        keys = list(map(id, text.words))
        numbers = self._numbers
        if not numbers.keys() >= set(keys):
            for place, key in enumerate(keys):
                if key not in numbers:
                    numbers[key] = len(self._kept)
                    self._kept.append(text.words[place])
                    self._fresh.append(text.text[text.starts[place] : text.ends[place]])
        words = array("I", map(numbers.__getitem__, keys))
        return PackedText(words.tobytes(), text.starts.tobytes(), text.ends.tobytes())

    def vocabulary(self) -> Vocabulary:
        """Return the words that are new in what was packed since the last call."""
        vocabulary = _packed(self._anew, self._fresh, self._kept[len(self._kept) - len(self._fresh) :])
        self._fresh = []
        self._anew = len(self._kept) > _WORDS_AT_MOST
        if self._anew:
            self._numbers.clear()
            self._kept.clear()
        return vocabulary


class SharedWords:
    """The words that came from any sender, one object for each spelling."""

    def __init__(self) -> None:
        self._by_spelling: dict[str, Word] = {}

    def words(self, vocabulary: Vocabulary) -> list[Word]:
        """Return the words of a vocabulary; those that never came before are made."""
        if not vocabulary.stop:
            return []
        if len(self._by_spelling) > _WORDS_AT_MOST:
            self._by_spelling.clear()
        spelled = vocabulary.spelled.split(_BREAK)
        missing = [place for place, spelling in enumerate(spelled) if spelling not in self._by_spelling]
        for place, word in zip(missing, _made(vocabulary, missing), strict=True):
            self._by_spelling[spelled[place]] = word
        return list(map(self._by_spelling.__getitem__, spelled))


class Unpacker:
    """The receiving end of one sender."""

    def __init__(self, shared: SharedWords) -> None:
        self._shared = shared
        self._words: list[Word] = []

    def learn(self, vocabulary: Vocabulary) -> None:
        """Take the words that the next texts need."""
        if vocabulary.anew:
            self._words.clear()
        self._words += self._shared.words(vocabulary)

    def unpack(self, packed: PackedText, text: str) -> AnalyzedText:
        """Return the analyzed text, given the text."""
        words = tuple(map(self._words.__getitem__, _numbers("I", packed.words)))
        return AnalyzedText(text, words, _numbers("I", packed.starts), _numbers("I", packed.ends))


def _numbers(code: str, data: bytes) -> array[int]:
    numbers: array[int] = array(code)
    numbers.frombytes(data)
    return numbers


def _packed(anew: bool, spelled: list[str], words: list[Word]) -> Vocabulary:  # noqa: FBT001 - it is a column too
    terms = list(map(operator.attrgetter("terms"), words))
    fields, texts, weights = zip(*chain.from_iterable(terms), strict=True) if any(terms) else ((), (), ())
    return Vocabulary(
        anew,
        _BREAK.join(spelled),
        _BREAK.join(map(operator.attrgetter("written"), words)),
        _BREAK.join(map(operator.attrgetter("surface"), words)),
        _BREAK.join(" ".join(word.clitics) for word in words),
        bytes(map(operator.attrgetter("stop"), words)),
        array("I", map(len, terms)).tobytes(),
        bytes(map(_PLACES.__getitem__, map(id, fields))),
        _BREAK.join(texts),
        array("d", weights).tobytes(),
    )


def _made(vocabulary: Vocabulary, places: Iterable[int]) -> Iterator[Word]:
    """Yield the words at some places of a vocabulary."""
    written, surface = vocabulary.written.split(_BREAK), vocabulary.surface.split(_BREAK)
    clitics, texts = vocabulary.clitics.split(_BREAK), vocabulary.terms.split(_BREAK)
    fields = list(map(_FIELDS.__getitem__, vocabulary.fields))
    weights = _numbers("d", vocabulary.weights)
    bounds = [0, *accumulate(_numbers("I", vocabulary.counts))]
    for place in places:
        its = slice(bounds[place], bounds[place + 1])
        terms = tuple(map(_field_term, zip(fields[its], texts[its], weights[its], strict=True)))
        yield Word(
            written[place], surface[place], tuple(clitics[place].split()), terms, stop=bool(vocabulary.stop[place])
        )


_field_term = functools.partial(tuple.__new__, FieldTerm)
"""Makes what FieldTerm(*values) does, in half the time."""
