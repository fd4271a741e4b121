"""Fits how frequent words and affixes are, by expectation maximization on counts of word forms.

The model is a product: lemma × stem among the stems of its lemma × prefix given the category of the stem × suffix
given the category. Counts of forms do not say which reading they are of; each round shares them out among the readings
by the model so far and counts again. The share of a stem is what its category has in all lemmas together: else
a verb that is read from one form alone (أعال from أعلن, "they nursed") would keep that form to itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from index.analysis.lexicon import Lexicon, agreement, key_of

_ROUNDS = 8
_UNSEEN = 0.1
"""Count that a lemma has before it is seen."""
_SUFFIX_BACKOFF = 50.0
"""Occurrences of a category that weigh as much as the suffixes of its part of speech."""
_PREFIX_BACKOFF = 1e9
"""The same for prefixes: only the part of speech counts."""
_LEAST_SHARE = 1e-4
_RARE = 2.0
"""What the words that only Arramooz has are held rarer than the others, in logarithms: it is the larger dictionary, and
most of what it has alone is of the classical language."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclasses.dataclass(frozen=True, slots=True)
class Priors:
    """Logarithms of frequencies in hundredths."""

    prefixes: list[str]
    """Lines of a key and its score with each category."""
    suffixes: list[str]
    stems: dict[tuple[int, int], int]
    """Scores by lemma and category."""


_Thing = TypeVar("_Thing")


class _Numbers(Generic[_Thing]):
    """Numbers things in the order of their first appearance."""

    def __init__(self) -> None:
        self.of: dict[_Thing, int] = {}

    def __call__(self, thing: _Thing) -> int:
        return self.of.setdefault(thing, len(self.of))


def fit(
    lexicon: Lexicon, counts: Iterable[tuple[str, float]], stems: Sequence[tuple[int, int]], rare_from: int
) -> Priors:
    """Return the priors of a lexicon.

    `stems` are the lemma and category of every stem that it has; lemmas from the number `rare_from` on are rare words.

    The counts are of forms in their full spelling, or folded.
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
            seen: dict[tuple[int, int, int], float] = {}
            for prefix, stem, suffix, _ in lexicon.divisions(key):
                cost = agreement(form, prefix.spelled + stem.spelled + suffix.spelled) / 100
                start, end = len(prefix.spelled), len(key) - len(suffix.spelled)
                row = (
                    self._stem_numbers[stem.lemma, stem.category],
                    self._prefixes((key[:start], stem.category)),
                    self._suffixes((key[end:], stem.category)),
                )
                seen[row] = max(cost, seen.get(row, cost))
            if seen:
                rows.extend((*row, 0, len(frequencies), cost) for row, cost in seen.items())
                frequencies.append(count)
        table = np.array(rows)
        self._stem, self._prefix, self._suffix, _, self._form = table[:, :5].T.astype(np.int64)
        self._agreement: Floats = table[:, 5]
        self._frequency: Floats = np.array(frequencies, dtype=float)
        self._first = np.flatnonzero(np.diff(self._form, prepend=-1))

    def round(self) -> None:
        """Share the counts out by the scores so far, and score again."""
        highest = np.maximum.reduceat(self._score, self._first)[self._form]
        share = np.exp(self._score - highest)
        share /= np.add.reduceat(share, self._first)[self._form]
        counted = share * self._frequency[self._form]
        stems: Floats = np.bincount(self._stem, counted, len(self._stem_lemma)).astype(float)
        self._lemma_score, self._stem_score = self._score_stems(stems)
        self._prefix_score, self._prefix_rest = self._score_affixes(
            self._prefixes, self._prefix, counted, _PREFIX_BACKOFF
        )
        self._suffix_score, self._suffix_rest = self._score_affixes(
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
        """Return what each stem would have of its lemma if every lemma were like all together."""
        share = self._group_share[self._stem_group]
        whole = np.bincount(self._stem_lemma, share, self._lemmas)
        result: Floats = share / whole[self._stem_lemma]
        return result

    def _score_affixes(
        self, numbers: _Numbers[tuple[str, int]], affix: Ints, counted: Floats, backoff: float
    ) -> tuple[Floats, _Rest]:
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
        return score, _Rest(shares, of_category, all_of_kind, backoff)

    def priors(self) -> Priors:
        """Return the scores; affixes that a category was never seen with have what its part of speech gives."""
        stems = {
            stem: round(100 * float(self._lemma_score[stem[0]] + self._stem_score[number]))
            for stem, number in self._stem_numbers.items()
        }
        return Priors(
            self._lines(self._prefixes, self._prefix_score, self._prefix_rest),
            self._lines(self._suffixes, self._suffix_score, self._suffix_rest),
            stems,
        )

    def _lines(self, numbers: _Numbers[tuple[str, int]], score: Floats, rest: _Rest) -> list[str]:
        texts = sorted({text for text, _ in numbers.of})
        lines = []
        for text in texts:
            row = []
            for category, kind in enumerate(self._kind):
                number = numbers.of.get((text, category))
                value = score[number] if number is not None else rest.score(text, category, int(kind))
                row.append(str(round(100 * float(value))))
            lines.append(f"{text}\t{' '.join(row)}")
        return lines


@dataclasses.dataclass(frozen=True, slots=True)
class _Rest:
    """What an affix has with a category that it was not seen with."""

    shares: dict[tuple[str, int], float]
    of_category: Floats
    of_kind: Floats
    backoff: float

    def score(self, text: str, category: int, kind: int) -> float:
        share = self.shares.get((text, kind), 0.5 / (float(self.of_kind[kind]) + 50))
        return float(np.log(self.backoff * share / (self.of_category[category] + self.backoff)))


def _group(category: str) -> str:
    """Return a category without what does not change the form of the stem."""
    return category.replace("_intr", "").replace("_yu", "").removesuffix("_L")


def _kind(category: str) -> str:
    return "V" if category.startswith(("PV", "IV", "CV")) else "F" if category.startswith("FW") else "N"
