"""Articles as the cluster gets them: tokens as slots of terms, words by keys, and the arrays that searches read back.

One slot stands for one position: the terms of its word with `|` between them, `_` where there is none. The cluster
cuts slots at spaces and terms at bars, and does nothing else to them: what a word is was decided in `index/analysis`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import operator
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from index.analysis.tokens import AnalyzedText, Word
from index.document import AnalyzedDocument
from index.engines.opensearch.mapping import COUNTED, PARTITIONS, partition_name
from index.engines.opensearch.stored import stored_article
from index.ngrams import ngrams_of
from index.schema import LEAD_LENGTH, Section, TokenField

Keys = npt.NDArray[np.int64]

HOLE = "_"
CODES = {
    TokenField.WRITTEN: "w",
    TokenField.SURFACE: "s",
    TokenField.CLITIC: "c",
    TokenField.LEMMA: "l",
    TokenField.FAMILY: "f",
    TokenField.ROOT: "r",
    TokenField.SPELLING: "v",
}
"""The letter that each term begins with: all fields share one stream, so that a phrase may mix them."""

LONGEST_TERM = 200
"""Code points; Lucene takes 32,766 bytes, and the rest of a longer one is as well told by a digest."""
USUAL_TITLE, USUAL_BODY = 7, 180
"""Words with terms in a title and a body of a news article."""
MOST_OF_TITLE = 50.0
"""Occurrences in a body that one in a title counts as, at most."""
NO_WORD = 0
"""Key of a token without terms."""
REMEMBERED = 150_000
"""Words of which is kept what all articles need again: about 300 MB."""

_GROUPED = "rflcswv"
"""Letters of `CODES`, in the order in which a word's terms say what it is grouped by."""

_SPECIAL = re.compile("[|\\\\\\s\x1c-\x1f\ud800-\udfff]")
"""What the cluster would cut at, and what is no text to it (lone surrogates)."""
_KEY_BIT, _KEY_MASK = 1 << 62, (1 << 62) - 1


def term_of(field: TokenField, text: str) -> str:
    """Return the name of a term in the cluster's dictionary."""
    return CODES[field] + _escaped(text)


def _escaped(text: str) -> str:
    if len(text) > LONGEST_TERM:
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        text = f"{text[: LONGEST_TERM // 2]}\\{digest}"
    if _SPECIAL.search(text):
        return _SPECIAL.sub(lambda found: f"\\{ord(found.group()):x};", text)
    return text


class Entry(NamedTuple):
    """A word as the vocabulary has it."""

    key: int
    written: str
    surface: str
    terms: tuple[tuple[str, float], ...]
    """Names of its terms, each with its weight."""


def key_of(word: Word) -> int:
    """Return the key of a word: a number from 2^62 to 2^63 that its letters and terms give, `NO_WORD` without terms."""
    if not word.terms:
        return NO_WORD
    parts = [word.written, word.surface, *(f"{CODES[term.field]}{term.text}\0{term.weight!r}" for term in word.terms)]
    digest = hashlib.blake2b("\0\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return _KEY_BIT | (int.from_bytes(digest, "big") & _KEY_MASK)


def partition_of(terms: Iterable[tuple[str, float]]) -> int:
    """Return the partition of the word that has these terms (names and weights): that of its likeliest root.

    A word without a root goes with its family, lemma, stem or letters; one without terms is in none.
    """
    name, _ = min(terms, key=lambda term: (_GROUPED.index(term[0][0]), -term[1], term[0]))
    return zlib.crc32(name.encode()) % PARTITIONS


def key_name(key: int) -> str:
    """Return a key as the cluster's keyword fields have it: eleven letters."""
    return base64.urlsafe_b64encode(key.to_bytes(8, "big")).decode()[:11]


def key_number(name: str) -> int:
    """Return the key of a name that `key_name` made."""
    return int.from_bytes(base64.urlsafe_b64decode(name + "="), "big")


def packed_entry(entry: Entry) -> str:
    """Return an entry of the vocabulary as a value of a binary field."""
    return _base64(json.dumps(entry[1:], ensure_ascii=True, separators=(",", ":")).encode())


def unpacked_entry(key: int, packed: str) -> Entry:
    """Return what `packed_entry` packed."""
    written, surface, terms = json.loads(_bytes(packed))
    return Entry(key, written, surface, tuple((name, weight) for name, weight in terms))


class _Known(NamedTuple):
    word: Word
    """Keeps the identity that it is known by."""
    slot: str
    key: int


class _Counts(NamedTuple):
    """What one occurrence of a word counts for its terms."""

    terms: npt.NDArray[np.intp]
    """Their numbers, for the encoder alone."""
    shares: npt.NDArray[np.float64]


class Encoded(NamedTuple):
    """One article, ready to be sent."""

    source: bytes
    """JSON on one line."""
    words: dict[int, Word]
    """Its words by their keys."""


class Encoder:
    """Makes the cluster's documents of analyzed ones; what words have in common is worked out once."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._known: dict[int, _Known] = {}
        self._names: dict[int, str] = {}
        """Of words, by their keys."""
        self._partitions: dict[int, str] = {}
        """Names of the partitions of words, by their keys."""
        self._counts: dict[int, _Counts] = {}
        """Of words, by their keys."""
        self._terms: dict[str, int] = {}
        """Numbers of the names of terms."""
        self._starts: list[str] = []
        """Of the terms in their numbers' order: what stands before a count."""

    def encode(self, analyzed: AnalyzedDocument, change: int) -> Encoded:
        """Return a document as change number `change` puts it."""
        if len(self._known) > REMEMBERED:
            for known in (self._known, self._names, self._partitions, self._counts, self._terms, self._starts):
                known.clear()
        words: dict[int, Word] = {}
        slots, keys, offsets = {}, {}, {}
        for section in Section:
            text = analyzed.sections.get(section)
            slots[section], keys[section] = self._section(text, words)
            offsets[section] = (
                (np.empty(0, np.int64), np.empty(0, np.int64))
                if text is None
                else (np.array(text.starts, np.int64), np.array(text.ends, np.int64))
            )
        document = analyzed.document
        moment = document.published_time(self._zone)
        values: dict[str, Any] = {
            "id": document.id,
            "hash": document.content_hash(),
            "origin": document.origin,
            "change": change,
            "title": slots[Section.TITLE],
            "body": slots[Section.BODY],
            "words": self._counted(keys),
            "forward": packed_forward(keys[Section.TITLE], keys[Section.BODY]),
            "words_in": self._partitioned(words),
            "title_words_in": self._named(keys[Section.TITLE].tolist()),
            "lead_words_in": self._named(keys[Section.BODY][:LEAD_LENGTH].tolist()),
            "title_length": int(np.count_nonzero(keys[Section.TITLE])),
            "body_length": int(np.count_nonzero(keys[Section.BODY])),
            "article": stored_article(document, offsets),
        }
        if analyzed.day is not None:
            values["day"] = analyzed.day.toordinal()
        if moment is not None:
            values["moment"] = int(moment.timestamp())
        for field, found in document.facet_values().items():
            if found:
                values[field.value] = list(found)
        return Encoded(
            json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace"), words
        )

    def _counted(self, keys: Mapping[Section, Keys]) -> str:
        """Return all terms of an article, each with what its occurrences count.

        As in BM25F an occurrence in a short title counts more than one in a long body. How much is worked out with
        usual lengths, since those of the index may change: it only has to propose the right candidates.
        """
        title, body = keys[Section.TITLE], keys[Section.BODY]
        short, long = (
            0.25 + 0.75 * np.count_nonzero(section) / usual
            for section, usual in ((title, USUAL_TITLE), (body, USUAL_BODY))
        )
        in_title = COUNTED * min(2.0 * long / short, MOST_OF_TITLE)
        found, places = np.unique(np.concatenate([title, body]), return_inverse=True)
        each = np.bincount(places[: len(title)], minlength=len(found)) * in_title
        each += np.bincount(places[len(title) :], minlength=len(found)) * COUNTED
        if len(found) and found[0] == NO_WORD:
            found, each = found[1:], each[1:]
        if not len(found):
            return ""
        counts = [self._counts[key] for key in found.tolist()]
        terms = np.concatenate([one.terms for one in counts])
        weights = np.concatenate([one.shares for one in counts]) * np.repeat(each, [len(one.terms) for one in counts])
        numbers, places = np.unique(terms, return_inverse=True)
        totals = np.maximum(np.rint(np.bincount(places, weights)), 1).astype(np.int64)
        starts = map(self._starts.__getitem__, numbers.tolist())
        return " ".join(map(operator.add, starts, map(str, totals.tolist())))

    def _section(self, text: AnalyzedText | None, words: dict[int, Word]) -> tuple[str, Keys]:
        if text is None:
            return "", np.empty(0, np.int64)
        known, slots, keys = self._known, [], []
        for word in text.words:
            found = known.get(id(word))
            if found is None:
                found = known[id(word)] = self._met(word)
            slots.append(found.slot)
            keys.append(found.key)
            if found.key:
                words[found.key] = word
        return " ".join(slots), np.array(keys, np.int64)

    def _met(self, word: Word) -> _Known:
        key = key_of(word)
        terms = [term_of(term.field, term.text) for term in word.terms]
        numbers = []
        for name in terms:
            number = self._terms.setdefault(name, len(self._starts))
            if number == len(self._starts):
                self._starts.append(f"{name}|")
            numbers.append(number)
        self._names[key] = key_name(key)
        if terms:
            weights = [term.weight for term in word.terms]
            self._partitions[key] = partition_name(partition_of(zip(terms, weights, strict=True)))
        self._counts[key] = _Counts(np.array(numbers, np.intp), np.array([term.weight for term in word.terms]))
        return _Known(word, "|".join(terms) or HOLE, key)

    def _partitioned(self, keys: Iterable[int]) -> dict[str, list[str]]:
        """Return the names of keys by their partitions."""
        found: dict[str, list[str]] = {}
        for key in keys:
            found.setdefault(self._partitions[key], []).append(self._names[key])
        return found

    def _named(self, keys: Iterable[int]) -> list[str]:
        """Return the names of different keys."""
        return [self._names[key] for key in dict.fromkeys(keys) if key != NO_WORD]


def entry_of(key: int, word: Word) -> Entry:
    """Return a word's entry of the vocabulary."""
    return Entry(
        key, word.written, word.surface, tuple((term_of(term.field, term.text), term.weight) for term in word.terms)
    )


def packed_forward(title: Keys, body: Keys) -> str:
    """Return the tokens of title and body as a value of a binary field.

    Three numbers (`<u4`): different words, tokens of the title, tokens in all. The keys of the words, ascending
    (`>i8`). For each token (`<u2`, `<u4` from 65,535 words on) the place of its word counted from 1, 0 for none.
    """
    tokens = np.concatenate([title, body])
    keys, places = np.unique(tokens, return_inverse=True)
    if len(keys) and keys[0] == NO_WORD:
        keys = keys[1:]
    else:
        places = places + 1
    kind = "<u2" if len(keys) < 0xFFFF else "<u4"  # noqa: PLR2004 - two bytes
    head = np.array([len(keys), len(title), len(tokens)], "<u4")
    return _base64(head.tobytes() + keys.astype(">i8").tobytes() + places.astype(kind).tobytes())


class Forward(NamedTuple):
    """The tokens of one article."""

    keys: Keys
    """Of its different words, ascending."""
    places: npt.NDArray[np.integer]
    """For each token of title and then body the place of its word in `keys` counted from 1; 0 for none."""
    title: int
    """How many tokens belong to the title."""


def unpacked_forward(packed: str) -> Forward:
    """Return what `packed_forward` packed."""
    data = _bytes(packed)
    words, title, tokens = np.frombuffer(data, "<u4", 3).tolist()
    keys = np.frombuffer(data, ">i8", words, 12)
    kind = "<u2" if words < 0xFFFF else "<u4"  # noqa: PLR2004 - as above
    return Forward(keys.astype(np.int64), np.frombuffer(data, kind, tokens, 12 + 8 * words), title)


def vocabulary_documents(words: Mapping[int, Word]) -> Iterator[tuple[str, bytes]]:
    """Yield id and document (JSON on one line) of each word by its key, and of each light stem among them."""
    stems: set[str] = set()
    for key, word in words.items():
        entry = entry_of(key, word)
        found_by = [name for name, _ in entry.terms]
        values = {
            "key": key_name(key), "terms": found_by, "surface": _escaped(word.surface), "entry": packed_entry(entry)
        }  # fmt: skip
        stems.update(term.text for term in word.terms if term.field is TokenField.CLITIC)
        yield key_name(key), _json(values)
    for stem in stems:
        if len(stem) <= LONGEST_TERM:
            runs = ngrams_of(stem)
            name = hashlib.blake2b(stem.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
            yield f"stem {name}", _json({"stem": stem, "runs": sorted(set(runs)), "size": len(runs)})


def _json(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def _bytes(text: str) -> bytes:
    """Return the bytes of a binary field, which comes back without the signs that fill up its end."""
    return base64.b64decode(text + "=" * (-len(text) % 4))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
