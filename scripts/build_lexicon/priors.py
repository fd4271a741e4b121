"""Fits the frequencies of words and affixes by expectation maximization on counts of word forms.

The model is a product of probabilities: lemma × stem given its lemma × prefix given the category of the stem × suffix
given the category. Counts are of forms, not of readings: each round distributes them over the readings by
the current model, then estimates the model again. The share of a stem in its lemma is that of its category over all
lemmas; otherwise a verb with a single matching form (أعال with أعلن, "they nursed") would keep the whole count.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from index.analysis.arabic.lexicon import Lexicon, agreement, key_of

_ROUNDS = 8
_UNSEEN = 0.1
"""Pseudocount of each lemma."""
_SUFFIX_BACKOFF = 50.0
"""Pseudocount of the suffix distribution of the part of speech, in the estimate for a category."""
_PREFIX_BACKOFF = 1e9
"""The same for prefixes; so large that in effect only the part of speech counts."""
_LEAST_SHARE = 1e-4
_RARE = 2.0
"""Penalty on the log frequency of words that only Arramooz has: it is the larger dictionary, and most of these words
are classical."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclasses.dataclass(frozen=True, slots=True)
class Priors:
    """Log frequencies in hundredths of a nat."""

    prefixes: list[str]
    """Lines of a key and its score with each stem category."""
    suffixes: list[str]
    stems: dict[tuple[int, int], int]
    """Scores by lemma number and category number."""


_Item = TypeVar("_Item")


class _Numbers(Generic[_Item]):
    """Numbers items in the order of their first appearance."""

    def __init__(self) -> None:
        self.of: dict[_Item, int] = {}

    def __call__(self, item: _Item) -> int:
        return self.of.setdefault(item, len(self.of))


def fit(
    lexicon: Lexicon, counts: Iterable[tuple[str, float]], stems: Sequence[tuple[int, int]], rare_from: int
) -> Priors:
    """Return the priors of a lexicon.

    `counts` are pairs of a form, in full or folded spelling, and its count. `stems` are the lemma and category of each
    stem in the lexicon. Lemmas from the number `rare_from` on are rare words.
    """
    model = _Model(lexicon, counts, stems, rare_from)
    for _ in range(_ROUNDS):
        model.round()
    return model.priors()


class _Model:
    def __init__(
        self, lexicon: Lexicon, counts: Iterable[tuple[str, float]], stems: Sequence[tuple[int, int]], rare_from: int
    ) -> None:
        self._rare: Floats = np.where(np.arange(len(lexicon)) >= rare_from, _RARE, 0.0)
        self._group = [_group(name) for name in lexicon.categories]
        names = sorted(set(map(_kind, lexicon.categories)))
        self._kind = np.array([names.index(_kind(name)) for name in lexicon.categories])
        groups = sorted(set(self._group))
        self._lemmas = len(lexicon)
        number = _Numbers[tuple[int, int]]()
        for lemma, category in stems:
            number((lemma, groups.index(self._group[category])))
        self._stem_numbers = {
            (lemma, category): number((lemma, groups.index(self._group[category]))) for lemma, category in stems
        }
        self._stem_lemma = np.array([lemma for lemma, _ in number.of])
        self._stem_group = np.array([group for _, group in number.of])
        self._group_share: Floats = np.ones(len(groups))
        self._prefixes, self._suffixes = _Numbers[tuple[str, int]](), _Numbers[tuple[str, int]]()
        self._collect(lexicon, counts)
        self._score = self._agreement.copy()

    def _collect(self, lexicon: Lexicon, counts: Iterable[tuple[str, float]]) -> None:
        rows: list[tuple[int, int, int, int, int, float]] = []
        frequencies: list[float] = []
        for form, count in counts:
            key = key_of(form)
            costs: dict[tuple[int, int, int], float] = {}
            for prefix, stem, suffix, _ in lexicon.divisions(key):
                cost = agreement(form, prefix.spelled + stem.spelled + suffix.spelled) / 100
                start, end = len(prefix.spelled), len(key) - len(suffix.spelled)
                row = (
                    self._stem_numbers[stem.lemma, stem.category],
                    self._prefixes((key[:start], stem.category)),
                    self._suffixes((key[end:], stem.category)),
                )
                costs[row] = max(cost, costs.get(row, cost))
            if costs:
                rows.extend((*row, 0, len(frequencies), cost) for row, cost in costs.items())
                frequencies.append(count)
        table = np.array(rows)
        self._stem, self._prefix, self._suffix, _, self._form = table[:, :5].T.astype(np.int64)
        self._agreement: Floats = table[:, 5]
        self._frequency: Floats = np.array(frequencies, dtype=float)
        self._first = np.flatnonzero(np.diff(self._form, prepend=-1))

    def round(self) -> None:
        """Distribute the counts by the current scores, and update the scores."""
        highest = np.maximum.reduceat(self._score, self._first)[self._form]
        share = np.exp(self._score - highest)
        share /= np.add.reduceat(share, self._first)[self._form]
        counted = share * self._frequency[self._form]
        stems: Floats = np.bincount(self._stem, counted, len(self._stem_lemma)).astype(float)
        self._lemma_score, self._stem_score = self._score_stems(stems)
        self._prefix_score, self._prefix_backoff = self._score_affixes(
            self._prefixes, self._prefix, counted, _PREFIX_BACKOFF
        )
        self._suffix_score, self._suffix_backoff = self._score_affixes(
            self._suffixes, self._suffix, counted, _SUFFIX_BACKOFF
        )
        self._score = (
            self._agreement
            + self._lemma_score[self._stem_lemma[self._stem]]
            + self._stem_score[self._stem]
            + self._prefix_score[self._prefix]
            + self._suffix_score[self._suffix]
        )

    def _score_stems(self, stems: Floats) -> tuple[Floats, Floats]:
        lemmas = np.bincount(self._stem_lemma, stems, self._lemmas)
        counted = np.bincount(self._stem_group, stems)
        for _ in range(2):
            share = self._share()
            expected = np.bincount(self._stem_group, share * lemmas[self._stem_lemma])
            self._group_share = np.maximum(_LEAST_SHARE, self._group_share * (counted + 1) / (expected + 1))
        return np.log(lemmas + _UNSEEN) - self._rare, np.log(self._share())

    def _share(self) -> Floats:
        """Return the share of each stem in its lemma (one entry for each stem), estimated from its category."""
        share = self._group_share[self._stem_group]
        whole = np.bincount(self._stem_lemma, share, self._lemmas)
        result: Floats = share / whole[self._stem_lemma]
        return result

    def _score_affixes(
        self, numbers: _Numbers[tuple[str, int]], affix: Ints, counted: Floats, backoff: float
    ) -> tuple[Floats, _Backoff]:
        of_affix = np.bincount(affix, counted, len(numbers.of))
        categories = np.array([category for _, category in numbers.of])
        texts = _Numbers[tuple[str, int]]()
        kinds = np.array([texts((text, int(self._kind[int(category)]))) for text, category in numbers.of])
        of_kind = np.bincount(kinds, of_affix)
        all_of_kind: Floats = np.bincount(self._kind[categories], of_affix, self._kind.max() + 1).astype(float)
        of_category: Floats = np.bincount(categories, of_affix, len(self._kind)).astype(float)
        general = (of_kind[kinds] + 0.5) / (all_of_kind[self._kind[categories]] + 50)
        score = np.log((of_affix + backoff * general) / (of_category[categories] + backoff))
        shares = {
            text: (count + 0.5) / (all_of_kind[text[1]] + 50) for text, count in zip(texts.of, of_kind, strict=True)
        }
        return score, _Backoff(shares, of_category, all_of_kind, backoff)

    def priors(self) -> Priors:
        """Return the scores; an affix not seen with a category gets the score of the part of speech."""
        stems = {
            stem: round(100 * float(self._lemma_score[stem[0]] + self._stem_score[number]))
            for stem, number in self._stem_numbers.items()
        }
        return Priors(
            self._lines(self._prefixes, self._prefix_score, self._prefix_backoff),
            self._lines(self._suffixes, self._suffix_score, self._suffix_backoff),
            stems,
        )

    def _lines(self, numbers: _Numbers[tuple[str, int]], score: Floats, backoff: _Backoff) -> list[str]:
        texts = sorted({text for text, _ in numbers.of})
        lines = []
        for text in texts:
            row = []
            for category, kind in enumerate(self._kind):
                number = numbers.of.get((text, category))
                value = score[number] if number is not None else backoff.score(text, category, int(kind))
                row.append(str(round(100 * float(value))))
            lines.append(f"{text}\t{' '.join(row)}")
        return lines


@dataclasses.dataclass(frozen=True, slots=True)
class _Backoff:
    """Scores of affixes with categories with which they were not seen."""

    shares: dict[tuple[str, int], float]
    of_category: Floats
    of_kind: Floats
    backoff: float

    def score(self, text: str, category: int, kind: int) -> float:
        share = self.shares.get((text, kind), 0.5 / (float(self.of_kind[kind]) + 50))
        return float(np.log(self.backoff * share / (self.of_category[category] + self.backoff)))


def _group(category: str) -> str:
    """Return a category without the marks that do not affect the form of the stem."""
    return category.replace("_intr", "").replace("_yu", "").removesuffix("_L")


def _kind(category: str) -> str:
    return "V" if category.startswith(("PV", "IV", "CV")) else "F" if category.startswith("FW") else "N"
