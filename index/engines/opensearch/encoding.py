"""The documents of the cluster: tokens as slots of terms, words by keys, and the arrays that searches read.

A slot holds the terms of one position, separated by `|`; of a stop word the written one alone, so that the index grows
little by them. The cluster splits slots at spaces and terms at bars, and does nothing else: `index/analysis` has done
all analysis.
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
from index.schema import FIELD_LETTERS, LEAD_LENGTH, Section, TokenField

Keys = npt.NDArray[np.int64]

LONGEST_TERM = 200
"""Code points; Lucene allows 32,766 bytes. The end of a longer term is replaced by a digest."""
USUAL_TITLE, USUAL_BODY = 7, 180
"""Typical number of content words in title and body of a news article."""
MOST_OF_TITLE = 50.0
"""Upper bound of the weight of an occurrence in the title, in occurrences in the body."""
FIRST_CONTENT_KEY = 1 << 62
"""Keys of content words begin here, those of stop words are lower."""
REMEMBERED = 150_000
"""Words whose encoding is cached: about 300 MB."""

_GROUPED = "rflcswvp"
"""Letters of `FIELD_LETTERS` in order of preference: the first one that a word has a term for decides its partition."""

_SPECIAL = re.compile("[|\\\\\\s\x1c-\x1f\ud800-\udfff]")
"""Characters at which the cluster would split, and lone surrogates, which are not valid text there."""
_KEY_MASK = FIRST_CONTENT_KEY - 1


def term_of(field: TokenField, text: str) -> str:
    """Return the term as it is in the cluster's term dictionary."""
    return FIELD_LETTERS[field] + _escaped(text)


def _escaped(text: str) -> str:
    if len(text) > LONGEST_TERM:
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        text = f"{text[: LONGEST_TERM // 2]}\\{digest}"
    if _SPECIAL.search(text):
        return _SPECIAL.sub(lambda found: f"\\{ord(found.group()):x};", text)
    return text


class Entry(NamedTuple):
    """A word in the vocabulary."""

    key: int
    written: str
    surface: str
    terms: tuple[tuple[str, float], ...]
    """Its terms as in the cluster's dictionary, each with its weight."""


def key_of(word: Word) -> int:
    """Return the key of a word: a digest of its letters and terms, below 2^63."""
    parts = [
        word.written,
        word.surface,
        *(f"{FIELD_LETTERS[term.field]}{term.text}\0{term.weight!r}" for term in word.terms),
    ]
    digest = hashlib.blake2b("\0\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    key = int.from_bytes(digest, "big") & _KEY_MASK
    return key if word.stop else key | FIRST_CONTENT_KEY


def content_keys(keys: Keys) -> Keys:
    """Return the keys of content words among `keys`, in the same order."""
    return keys[keys >= FIRST_CONTENT_KEY]


def partition_of(terms: Iterable[tuple[str, float]]) -> int:
    """Return the partition of the word with these terms (names and weights): that of its most likely root.

    For a word without a root, its family, lemma, stem or letters decide.
    """
    least = min(terms, key=lambda term: (_GROUPED.index(term[0][0]), -term[1], term[0]), default=None)
    name = least[0] if least else ""  # a filler has no terms
    return zlib.crc32(name.encode()) % PARTITIONS


def key_name(key: int) -> str:
    """Return a key as a value of the cluster's keyword fields: eleven letters."""
    return base64.urlsafe_b64encode(key.to_bytes(8, "big")).decode()[:11]


def key_number(name: str) -> int:
    """Return the key for the result of `key_name`."""
    return int.from_bytes(base64.urlsafe_b64decode(name + "="), "big")


def packed_entry(entry: Entry) -> str:
    """Return an entry of the vocabulary as a value of a binary field."""
    return _base64(json.dumps(entry[1:], ensure_ascii=True, separators=(",", ":")).encode())


def unpacked_entry(key: int, packed: str) -> Entry:
    """Return the entry for the result of `packed_entry`."""
    written, surface, terms = json.loads(_bytes(packed))
    return Entry(key, written, surface, tuple((name, weight) for name, weight in terms))


class _EncodedWord(NamedTuple):
    word: Word
    """A reference that keeps `id(word)`, the key of the cache, valid."""
    slot: str
    key: int


class _Counts(NamedTuple):
    """The weight of one occurrence of a word for each of its terms."""

    terms: npt.NDArray[np.intp]
    """Numbers of the terms, internal to the encoder; shape (terms of the word,)."""
    shares: npt.NDArray[np.float64]
    """Their weights, same shape."""


class Encoded(NamedTuple):
    """One article, ready to send."""

    source: bytes
    """JSON on one line."""
    words: dict[int, Word]
    """Its words by their keys."""


class Encoder:
    """Encodes analyzed documents as documents of the cluster; caches the encoding of words."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._encoded_words: dict[int, _EncodedWord] = {}
        self._names: dict[int, str] = {}
        """`key_name` of each word key."""
        self._partitions: dict[int, str] = {}
        """Name of the partition of each word key."""
        self._counts: dict[int, _Counts] = {}
        """Weights of each word key."""
        self._terms: dict[str, int] = {}
        """Number of each term."""
        self._starts: list[str] = []
        """By term number: the text before a count (`term|`)."""

    def encode(self, analyzed: AnalyzedDocument, change: int) -> Encoded:
        """Return a document as the cluster stores it for change number `change`."""
        if len(self._encoded_words) > REMEMBERED:
            self._clear()
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
        published = document.published_time(self._zone)
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
            "title_words_in": self._named(content_keys(keys[Section.TITLE]).tolist()),
            "lead_words_in": self._named(content_keys(keys[Section.BODY][:LEAD_LENGTH]).tolist()),
            "title_length": len(content_keys(keys[Section.TITLE])),
            "body_length": len(content_keys(keys[Section.BODY])),
            "article": stored_article(document, offsets),
        }
        if analyzed.day is not None:
            values["day"] = analyzed.day.toordinal()
        if published is not None:
            values["moment"] = int(published.timestamp())
        for facet, labels in document.facet_values().items():
            if labels:
                values[facet.value] = list(labels)
        return Encoded(_json(values), words)

    def _clear(self) -> None:
        self._encoded_words.clear()
        self._names.clear()
        self._partitions.clear()
        self._counts.clear()
        self._terms.clear()
        self._starts.clear()

    def _counted(self, keys: Mapping[Section, Keys]) -> str:
        """Return the terms of content words with their weighted frequencies, as `term|frequency` separated by spaces.

        As in BM25F, an occurrence in a short title counts more than one in a long body. The weights use typical average
        lengths, since those of the index change over time; they only have to select the right candidates.
        """
        title, body = content_keys(keys[Section.TITLE]), content_keys(keys[Section.BODY])
        short, long = (
            0.25 + 0.75 * len(section) / typical for section, typical in ((title, USUAL_TITLE), (body, USUAL_BODY))
        )
        in_title = COUNTED * min(2.0 * long / short, MOST_OF_TITLE)
        words, indices = np.unique(np.concatenate([title, body]), return_inverse=True)
        frequencies = np.bincount(indices[: len(title)], minlength=len(words)) * in_title
        frequencies += np.bincount(indices[len(title) :], minlength=len(words)) * COUNTED
        if not len(words):
            return ""
        counts = [self._counts[key] for key in words.tolist()]
        terms = np.concatenate([count.terms for count in counts])
        shares = np.concatenate([count.shares for count in counts])
        weights = shares * np.repeat(frequencies, [len(count.terms) for count in counts])
        numbers, indices = np.unique(terms, return_inverse=True)
        totals = np.maximum(np.rint(np.bincount(indices, weights)), 1).astype(np.int64)
        starts = map(self._starts.__getitem__, numbers.tolist())
        return " ".join(map(operator.add, starts, map(str, totals.tolist())))

    def _section(self, text: AnalyzedText | None, words: dict[int, Word]) -> tuple[str, Keys]:
        if text is None:
            return "", np.empty(0, np.int64)
        cache, slots, keys = self._encoded_words, [], []
        for word in text.words:
            encoded = cache.get(id(word))
            if encoded is None:
                encoded = cache[id(word)] = self._encoded_word(word)
            slots.append(encoded.slot)
            keys.append(encoded.key)
            words[encoded.key] = word
        return " ".join(slots), np.array(keys, np.int64)

    def _encoded_word(self, word: Word) -> _EncodedWord:
        key = key_of(word)
        terms = [term_of(term.field, term.text) for term in word.terms]
        numbers = []
        for name in terms:
            number = self._terms.setdefault(name, len(self._starts))
            if number == len(self._starts):
                self._starts.append(f"{name}|")
            numbers.append(number)
        weights = [term.weight for term in word.terms]
        self._names[key] = key_name(key)
        self._partitions[key] = partition_name(partition_of(zip(terms, weights, strict=True)))
        self._counts[key] = _Counts(np.array(numbers, np.intp), np.array(weights))
        slot = term_of(TokenField.WRITTEN, word.written) if word.stop else "|".join(terms)
        return _EncodedWord(word, slot, key)

    def _partitioned(self, keys: Iterable[int]) -> dict[str, list[str]]:
        """Return the names of the keys of content words by partition."""
        partitions: dict[str, list[str]] = {}
        for key in keys:
            if key < FIRST_CONTENT_KEY:
                continue
            partitions.setdefault(self._partitions[key], []).append(self._names[key])
        return partitions

    def _named(self, keys: Iterable[int]) -> list[str]:
        """Return the names of the distinct keys, in order of their first occurrence."""
        return [self._names[key] for key in dict.fromkeys(keys)]


def entry_of(key: int, word: Word) -> Entry:
    """Return the vocabulary entry of a word."""
    return Entry(
        key, word.written, word.surface, tuple((term_of(term.field, term.text), term.weight) for term in word.terms)
    )


def packed_forward(title: Keys, body: Keys) -> str:
    """Return the tokens of title and body, given by the keys of their words, as a value of a binary field.

    Layout: three numbers (`<u4`): distinct words, tokens of the title, tokens in all; the keys of the words, ascending
    (`>i8`); for each token (`<u2`, `<u4` from 65,535 words on) the index of its word counted from 1.
    """
    tokens = np.concatenate([title, body])
    keys, numbers = np.unique(tokens, return_inverse=True)
    kind = "<u2" if len(keys) < 0xFFFF else "<u4"  # noqa: PLR2004 - two bytes
    header = np.array([len(keys), len(title), len(tokens)], "<u4")
    return _base64(header.tobytes() + keys.astype(">i8").tobytes() + (numbers + 1).astype(kind).tobytes())


class Forward(NamedTuple):
    """The tokens of one article."""

    keys: Keys
    """Keys of its distinct words, ascending; shape (words,)."""
    word_numbers: npt.NDArray[np.integer]
    """Index in `keys`, counted from 1, of the word of each token of title and then body, shape (tokens,)."""
    title: int
    """Number of tokens of the title."""


def unpacked_forward(packed: str) -> Forward:
    """Return the tokens for the result of `packed_forward`."""
    data = _bytes(packed)
    words, title, tokens = np.frombuffer(data, "<u4", 3).tolist()
    keys = np.frombuffer(data, ">i8", words, 12)
    kind = "<u2" if words < 0xFFFF else "<u4"  # noqa: PLR2004 - as above
    return Forward(keys.astype(np.int64), np.frombuffer(data, kind, tokens, 12 + 8 * words), title)


def vocabulary_documents(words: Mapping[int, Word]) -> Iterator[tuple[str, bytes]]:
    """Yield id and vocabulary document (JSON on one line) of each word, and of each of their light stems."""
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
    """Return the bytes of a value of a binary field, which OpenSearch returns without base64 padding."""
    return base64.b64decode(text + "=" * (-len(text) % 4))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
