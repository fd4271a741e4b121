"""Which words of an index a word of the query is found as: asked of the vocabulary on the cluster, and remembered."""

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
from search.engines.cache import Cache
from search.engines.forms import Forms, graded
from search.errors import TooManyFormsError
from search.query import Alternative, And, AtLeast, Node, Not, Or, Prefix, Term
from search.similarity import LEAST_SIMILAR, nearest
from search.wordforms import form_key

MAX_FORMS = 20_000
"""Words that one prefix may stand for: what comes back is two megabytes, and takes a second to read."""
MEASURED = 400
"""Stems that are measured one by one, ten times as many as are taken."""
LONGEST = 30
"""Letters of a word that is sought by its spelling; longer ones are no misspellings."""

_ALIKE = "2.0 * _score / (doc['size'].value + params.size)"
"""The Dice coefficient of two words' runs of letters, each run counted once."""


@dataclasses.dataclass(frozen=True, slots=True)
class Words:
    """The words that a word of the query is found as."""

    keys: Keys
    """Ascending."""
    forms: Forms
    """The same, numbered by their places in `keys`."""
    surfaces: tuple[str, ...]
    written: tuple[str, ...]
    partitions: tuple[int, ...]
    """Which field of an article lists each: `index.engines.opensearch.mapping.words_field`."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return self.keys.nbytes + self.forms.nbytes + 150 * len(self.keys)

    def places(self, keys: Keys) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Return where each of `keys` stands among those of the words; -1 where it does not."""
        if not len(self.keys):
            return np.full(len(keys), -1)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, at, -1)


@dataclasses.dataclass(frozen=True, slots=True)
class _Alike:
    stems: tuple[tuple[str, float], ...]

    @property
    def nbytes(self) -> int:
        return 100 * len(self.stems)


class Vocabulary:
    """The vocabulary of one version of an index, as it stands after a commit."""

    def __init__(self, cluster: Cluster, index: str, cache: Cache) -> None:
        self._cluster = cluster
        self._index = index
        self._cache = cache

    def keys(self, node: Term | Prefix) -> Keys:
        """Return the keys of the words that a word of the query is found as, ascending."""
        return self.words(node).keys

    def words(self, node: Term | Prefix) -> Words:
        """Return the words that a word of the query is found as.

        Raises:
            TooManyFormsError: a prefix stands for more than `MAX_FORMS` words.
            ClusterError: the cluster cannot answer.
        """
        return self._cache.get(("words", form_key(node)), Words, lambda: self._words(node))

    def learn(self, nodes: Sequence[Term | Prefix]) -> None:
        """Ask for the words of several words of the query at once."""
        unknown = {("words", form_key(node)): node for node in nodes}
        terms = [
            (key, node)
            for key, node in unknown.items()
            if isinstance(node, Term) and node.alternatives and self._cache.find(key, Words) is None
        ]
        if len(terms) < 2:  # noqa: PLR2004 - one asks by itself
            return
        answers = self._cluster.search_all(
            ({"index": self._index}, _body({"terms": {"terms": _names(node)}})) for _, node in terms
        )
        for (key, node), answer in zip(terms, answers, strict=True):
            if "error" not in answer:
                self._cache.keep(key, _words_of(node, _entries(answer)))

    def spelled_out(self, node: Node) -> Node:
        """Return the tree with each soft alternative as the stems that it stands for."""
        match node:
            case Term():
                if all(it.level is not Level.SOFT for it in node.alternatives):
                    return node
                exact = [it for it in node.alternatives if it.level is not Level.SOFT]
                soft = [
                    Alternative(Level.SOFT, it.field, stem, similarity)
                    for it in node.alternatives
                    if it.level is Level.SOFT
                    for stem, similarity in self._alike(it.term)
                ]
                return dataclasses.replace(node, alternatives=(*exact, *soft))
            case And() | Or():
                return dataclasses.replace(node, children=tuple(self.spelled_out(child) for child in node.children))
            case Not():
                return Not(self.spelled_out(node.child))
            case AtLeast():
                spelled = self.spelled_out(node.term)
                return dataclasses.replace(node, term=spelled) if isinstance(spelled, Term) else node
            case _:
                return node

    def _words(self, node: Term | Prefix) -> Words:
        if isinstance(node, Prefix):
            query: dict[str, Any] = {"prefix": {"surface": {"value": term_of(TokenField.SURFACE, node.text)[1:]}}}
            found = self._search(_body(query) | {"size": MAX_FORMS, "track_total_hits": True})
            total = found["hits"]["total"]["value"]
            if total > MAX_FORMS:
                raise TooManyFormsError(node.text, total, MAX_FORMS)
            return _words_of(node, _entries(found))
        if not node.alternatives:
            return _words_of(node, [])
        return _words_of(node, _entries(self._search(_body({"terms": {"terms": _names(node)}}))))

    def _alike(self, word: str) -> tuple[tuple[str, float], ...]:
        if not 0 < len(word) <= LONGEST:
            return ()
        return self._cache.get(("alike", word), _Alike, lambda: self._nearest(word)).stems

    def _nearest(self, word: str) -> _Alike:
        runs = ngrams_of(word)
        # at least so many runs as any word may have that is similar enough
        most = int(len(runs) * (2 / LEAST_SIMILAR - 1)) + 1
        query = {
            "bool": {
                "filter": [{"range": {"size": {"lte": most}}}],
                "should": [{"constant_score": {"filter": {"term": {"runs": run}}}} for run in dict.fromkeys(runs)],
                "minimum_should_match": 1,
            }
        }
        scored = {"script_score": {"query": query, "script": {"source": _ALIKE, "params": {"size": len(runs)}}}}
        found = self._search(
            {
                "size": MEASURED,
                "query": scored,
                "_source": False,
                "docvalue_fields": ["stem"],
                "track_total_hits": False,
            }
        )
        return _Alike(tuple(nearest(word, (hit["fields"]["stem"][0] for hit in found["hits"]["hits"]))))

    def _search(self, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        return self._cluster.call("POST", f"/{self._index}/_search", body, allow_partial_search_results=False)


def _body(query: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "size": MAX_WORDS,
        "query": {"constant_score": {"filter": query}},
        "_source": False,
        "stored_fields": "_none_",
        "docvalue_fields": ["key", "entry"],
        "track_total_hits": False,
        "sort": ["_doc"],
    }


def _names(node: Term) -> list[str]:
    return list(dict.fromkeys(term_of(it.field, it.term) for it in node.alternatives))


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
        asked: dict[str, list[Alternative]] = {}
        for it in node.alternatives:
            asked.setdefault(term_of(it.field, it.term), []).append(it)
        for row, entry in enumerate(kept):
            for name, share in entry.terms:
                for it in asked.get(name, ()):
                    rows.append(row)
                    strengths.append(min(it.weight, share))
                    levels.append(CLOSENESS[it.level])
    forms = graded(np.array(rows, np.int64), np.array(strengths, float), np.array(levels, np.uint8))
    return Words(
        np.array([entry.key for entry in kept], np.int64),
        forms,
        tuple(entry.surface for entry in kept),
        tuple(entry.written for entry in kept),
        tuple(partition_of(entry.terms) for entry in kept),
    )
