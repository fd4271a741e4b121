"""The forms of a word of the query in an index on a cluster: looked up in its vocabulary index, and cached."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from index.engines.opensearch.connection import Cluster
from index.engines.opensearch.encoding import Entry, Keys, key_number, partition_of, term_of, unpacked_entry
from index.engines.opensearch.mapping import MAX_WORDS
from index.ngrams import ngrams_of
from index.schema import CLOSENESS, Level, TokenField
from search.engines.cache import Cache, Stems
from search.errors import TooManyFormsError
from search.forms import Forms, graded
from search.query import Alternative, Prefix, Term
from search.similarity import LEAST_SIMILAR, MEASURED
from search.wordforms import form_key

MAX_FORMS = 20_000
"""Maximum number of words that match one prefix: an answer of that size has two megabytes, and is read in a second."""

_DICE = "2.0 * _score / (doc['size'].value + params.size)"
"""Script that returns the Dice coefficient of the n-grams of two words, each n-gram counted once."""


@dataclasses.dataclass(frozen=True, slots=True)
class Words:
    """The words of the index that a word of the query matches; all fields have one entry for each word."""

    keys: Keys
    """Ascending (int64)."""
    forms: Forms
    """Their grades and levels; `forms.words` are the indices of `keys`."""
    surfaces: tuple[str, ...]
    """Folded letters."""
    written: tuple[str, ...]
    """Letters as written, without harakat."""
    partitions: tuple[int, ...]
    """Number of the article field that lists the word: `index.engines.opensearch.mapping.words_field`."""

    @property
    def nbytes(self) -> int:
        """Estimated size in bytes."""
        return self.keys.nbytes + self.forms.nbytes + 150 * len(self.keys)

    def indices_of(self, keys: Keys) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Return the index of each of `keys` (int64) in `self.keys`, -1 for a key that is not there."""
        if not len(self.keys):
            return np.full(len(keys), -1)
        indices = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[indices] == keys, indices, -1)


class Vocabulary:
    """The vocabulary of one version of an index, after one commit."""

    def __init__(self, cluster: Cluster, index: str, cache: Cache) -> None:
        self._cluster = cluster
        self._index = index
        self._cache = cache

    def keys(self, node: Term | Prefix) -> Keys:
        """Return the keys of the words that a word of the query matches, ascending (int64)."""
        return self.words(node).keys

    def written(self, node: Term) -> tuple[str, ...]:
        """Return the letters, as written, of the words that a word of the query matches."""
        return self.words(node).written

    def words(self, node: Term | Prefix) -> Words:
        """Return the words that a word of the query matches.

        Raises:
            TooManyFormsError: a prefix matches more than `MAX_FORMS` words.
            ClusterError: the cluster cannot answer.
        """
        return self._cache.get(("words", form_key(node)), Words, lambda: self._words(node))

    def learn(self, nodes: Sequence[Term | Prefix]) -> None:
        """Look up the forms of several words of the query in one request, and cache them."""
        by_key = {("words", form_key(node)): node for node in nodes}
        terms = [
            (key, node)
            for key, node in by_key.items()
            if isinstance(node, Term) and node.alternatives and self._cache.find(key, Words) is None
        ]
        if len(terms) < 2:  # noqa: PLR2004 - `words` looks up a single one
            return
        answers = self._cluster.search_all(
            ({"index": self._index}, _lookup_body({"terms": {"terms": _term_names(node)}})) for _, node in terms
        )
        for (key, node), answer in zip(terms, answers, strict=True):
            if "error" not in answer:
                self._cache.keep(key, _words_of(node, _entries(answer)))

    def stems_like(self, word: str) -> tuple[str, ...]:
        """See `search.engine.Searcher.stems_like`.

        Raises:
            ClusterError: the cluster cannot answer.
        """
        return self._cache.get(("likely stems", word), Stems, lambda: self._search_stems(word)).texts

    def _words(self, node: Term | Prefix) -> Words:
        if isinstance(node, Prefix):
            query: dict[str, Any] = {"prefix": {"surface": {"value": term_of(TokenField.SURFACE, node.text)[1:]}}}
            answer = self._search(_lookup_body(query) | {"size": MAX_FORMS, "track_total_hits": True})
            total = answer["hits"]["total"]["value"]
            if total > MAX_FORMS:
                raise TooManyFormsError(node.text, total, MAX_FORMS)
            return _words_of(node, _entries(answer))
        if not node.alternatives:
            return _words_of(node, [])
        return _words_of(node, _entries(self._search(_lookup_body({"terms": {"terms": _term_names(node)}}))))

    def _search_stems(self, word: str) -> Stems:
        ngrams = ngrams_of(word)
        # upper bound of the number of n-grams of a word whose similarity is at least `LEAST_SIMILAR`
        most = int(len(ngrams) * (2 / LEAST_SIMILAR - 1)) + 1
        query = {
            "bool": {
                "filter": [{"range": {"size": {"lte": most}}}],
                "should": [
                    {"constant_score": {"filter": {"term": {"runs": ngram}}}} for ngram in dict.fromkeys(ngrams)
                ],
                "minimum_should_match": 1,
            }
        }
        scored = {"script_score": {"query": query, "script": {"source": _DICE, "params": {"size": len(ngrams)}}}}
        answer = self._search(
            {
                "size": MEASURED,
                "query": scored,
                "_source": False,
                "docvalue_fields": ["stem"],
                "track_total_hits": False,
            }
        )
        return Stems(tuple(hit["fields"]["stem"][0] for hit in answer["hits"]["hits"]))

    def _search(self, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        return self._cluster.call("POST", f"/{self._index}/_search", body, allow_partial_search_results=False)


def _lookup_body(query: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "size": MAX_WORDS,
        "query": {"constant_score": {"filter": query}},
        "_source": False,
        "stored_fields": "_none_",
        "docvalue_fields": ["key", "entry"],
        "track_total_hits": False,
        "sort": ["_doc"],
    }


def _term_names(node: Term) -> list[str]:
    return list(dict.fromkeys(term_of(alternative.field, alternative.term) for alternative in node.alternatives))


def _entries(answer: Mapping[str, Any]) -> list[Entry]:
    return [
        unpacked_entry(key_number(hit["fields"]["key"][0]), hit["fields"]["entry"][0]) for hit in answer["hits"]["hits"]
    ]


def _words_of(node: Term | Prefix, entries: Sequence[Entry]) -> Words:
    kept = sorted(entry for entry in entries if entry.surface not in node.without)
    rows: list[int] = []
    strengths: list[float] = []
    levels: list[int] = []
    if isinstance(node, Prefix):
        rows = list(range(len(kept)))
        strengths = [1.0] * len(kept)
        levels = [CLOSENESS[Level.EXACT]] * len(kept)
    else:
        alternatives: dict[str, list[Alternative]] = {}
        for alternative in node.alternatives:
            alternatives.setdefault(term_of(alternative.field, alternative.term), []).append(alternative)
        for row, entry in enumerate(kept):
            for name, share in entry.terms:
                for alternative in alternatives.get(name, ()):
                    rows.append(row)
                    strengths.append(min(alternative.weight, share))
                    levels.append(CLOSENESS[alternative.level])
    forms = graded(np.array(rows, np.int64), np.array(strengths, float), np.array(levels, np.uint8))
    return Words(
        np.array([entry.key for entry in kept], np.int64),
        forms,
        tuple(entry.surface for entry in kept),
        tuple(entry.written for entry in kept),
        tuple(partition_of(entry.terms) for entry in kept),
    )
