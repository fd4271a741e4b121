"""bm25s with its numba backend: scores of words and of OR queries; it has no phrases, commits or stored texts."""

from __future__ import annotations

import json
import os
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from bench.speed.corpus import Corpus
from bench.speed.engines.peer import HITS, Answer, Mode, NotInstalledError, Stopwatch
from bench.speed.queries import Query
from index.schema import BM25_B, BM25_K1

try:
    import bm25s
    import numba  # noqa: F401 - the backend that is measured
except ImportError as error:
    raise NotInstalledError("bm25s: pip install bm25s numba") from error


_Label = TypeVar("_Label")


class Bm25s:
    """See `Peer`."""

    def __init__(self, folder: Path) -> None:
        self.version = f"{version('bm25s')}, numba {version('numba')}"
        self.process = os.getpid()
        self._folder = folder
        self._scorer: Any = None
        self._sources: list[str] = []
        self._days: list[int] = []
        self._by_source: Any = None
        self._by_day: Any = None

    def build(self, corpus: Corpus) -> float:
        """See `Peer.build`; bm25s needs the whole corpus in memory at once."""
        self._folder.mkdir(parents=True, exist_ok=True)
        tokens: list[list[str]] = []
        sources, days = [], []
        for article in corpus.articles():
            tokens.append(article.tokens.split())
            sources.append(article.source)
            days.append(article.day)
        with Stopwatch() as watch:
            scorer = bm25s.BM25(k1=BM25_K1, b=BM25_B, method="lucene", backend="numba")
            scorer.index(tokens, show_progress=False)
            scorer.save(self._folder, show_progress=False)
            for name, values in (("source", sources), ("day", days)):
                labels, ordinals = np.unique(np.array(values), return_inverse=True)
                np.save(self._folder / f"{name}.npy", ordinals)
                (self._folder / f"{name}.json").write_text(json.dumps(labels.tolist()), "utf-8")
        return watch.seconds

    def open(self) -> None:
        """See `Peer.open`."""
        self._scorer = bm25s.BM25.load(self._folder, mmap=True, show_progress=False)
        self._scorer.backend = "numba"
        self._scorer.activate_numba_scorer()
        self._sources = json.loads((self._folder / "source.json").read_text("utf-8"))
        self._days = json.loads((self._folder / "day.json").read_text("utf-8"))
        self._by_source = np.load(self._folder / "source.npy", mmap_mode="r")
        self._by_day = np.load(self._folder / "day.npy", mmap_mode="r")

    def ask(self, query: Query, mode: Mode) -> Answer | None:
        """See `Peer.ask`."""
        if mode is Mode.PAGE:
            return None
        terms = [term for term in query.terms if term in self._scorer.vocab_dict]
        if not terms:
            return Answer(0, {}, {})
        size = len(self._by_source)
        _, scores = self._scorer.retrieve(
            [terms], k=min(HITS, size), show_progress=False, backend_selection="numba", n_threads=0
        )
        best = tuple(float(score) for score in scores[0] if score > 0)
        if mode is Mode.HITS:
            return Answer(scores=best)
        matches = np.flatnonzero(self._scorer.get_scores(terms) > 0)
        return Answer(
            total=len(matches),
            sources=_counts(self._by_source[matches], self._sources),
            days=_counts(self._by_day[matches], self._days),
            scores=best,
        )

    def add(self, corpus: Corpus) -> float | None:
        """See `Peer.add`; bm25s can only rebuild the whole index, so this returns None."""
        del corpus
        return None

    def close(self) -> None:
        """See `Peer.close`."""
        self._scorer = self._by_source = self._by_day = None


def make(folder: Path) -> Bm25s:
    """Return the engine with its index in `folder`."""
    return Bm25s(folder)


def _counts(ordinals: Any, labels: list[_Label]) -> dict[_Label, int]:  # noqa: ANN401 - an array
    counts = np.bincount(ordinals, minlength=len(labels)).tolist()
    return {label: count for label, count in zip(labels, counts, strict=True) if count}
