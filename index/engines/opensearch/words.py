"""How the words of articles get into the vocabulary of a version, each once."""

from __future__ import annotations

from collections.abc import Iterable

from index.analysis.tokens import Word
from index.engines.opensearch.bulk import Action, send
from index.engines.opensearch.connection import Cluster, ClusterError
from index.engines.opensearch.encoding import vocabulary_documents
from index.engines.opensearch.mapping import Names

KNOWN_WORDS = 1_000_000
"""Size of the cache of words that the vocabulary has, which are not sent again (about 100 MB)."""


class SentWords:
    """A cache of the keys of words that a vocabulary has; it keeps the most recently used ones."""

    def __init__(self, at_most: int = KNOWN_WORDS) -> None:
        self._half = at_most // 2
        self._newer: set[int] = set()
        self._older: set[int] = set()

    def add(self, keys: Iterable[int]) -> None:
        """Add keys of words that were sent or used again."""
        self._newer.update(keys)
        if len(self._newer) > self._half:
            self._newer, self._older = set(), self._newer

    def __contains__(self, key: int) -> bool:
        return key in self._newer or key in self._older


def send_words(cluster: Cluster, target: Names, words: dict[int, Word], sent: SentWords) -> None:
    """Add the words that are not in `sent` to a vocabulary, and then all words to `sent`.

    Raises:
        ClusterError: as `send`, or the cluster refused a word.
    """
    new = {key: word for key, word in words.items() if key not in sent}
    actions = (Action("create", target.words, name, 0, source) for name, source in vocabulary_documents(new))
    outcome = send(cluster, actions)
    if outcome.refused:
        raise ClusterError(f"{cluster.address.redacted} refused a word: {outcome.refused[0].reason}")
    sent.add(words)
