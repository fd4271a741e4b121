"""Names learned from raw news: unlisted words, classified by their use.

A logistic model is trained on the words that the Buckwalter tables have (common words, and names, marked by a capital
letter in the gloss). Its features are the words before and after, inflection, the article, and whether the letters look
foreign. It is then applied to the words that the tables do not have. The only words listed by hand are the few heads
below.
"""

from __future__ import annotations

import gzip
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.analysis.arabic import folding
from index.analysis.arabic.clitics import ARTICLE, Slot, Use, letters_of, with_article
from index.analysis.arabic.letters import ALEF, BEH, HEH, LAM, MEEM, NOON, TEH, TEH_MARBUTA, WAW, YEH
from index.analysis.arabic.names import without_particles
from index.analysis.arabic.tokenizer import TokenKind, kind_of, token_pattern
from scripts.names.buckwalter import Reading, Tables
from scripts.names.tables import WordEvidence

BREAK = "|"
"""Item of a sequence in place of punctuation or a word in another script."""
_PUNCTUATION = re.compile(r"[.\n،؛:!?؟()]")
_QUOTE = re.compile(r"[\"«»“”]")
QUOTE = '"'

_ARTICLES = tuple(map(with_article, ("", WAW, BEH, LAM)))
_NAME_CATEGORIES = frozenset(("Nprop", "N0", "FW", "FW-Wa", "FW-WaBi", "Ndip"))
_PRONOUNS = (*letters_of(Slot.PRONOUN, least=Use.FREQUENT), NOON + ALEF, TEH + HEH, TEH + HEH + ALEF)
_INFLECTIONS = (ALEF + TEH, WAW + NOON, YEH + NOON, TEH_MARBUTA, ALEF, ALEF + NOON, WAW + ALEF, TEH)
_NISBAS = (YEH, YEH + TEH_MARBUTA)
_VERBAL = (YEH, TEH, NOON)
_HEADS = {
    "title": "الرئيس السيد السيدة الوزير الدكتور الدكتورة اللاعب المدرب الممثل الممثلة النائب المدعو الشهيد الفنان "
    "الفنانة القاضي الحكم الجنرال العقيد العميد الزميل الزميلة الاعلامي الاستاذ رئيس المهاجم الحارس المدافع المغني "
    "الكاتب المخرج الملك الامير الشيخ البطل المستشار",
    "place": "في من الى مدينة بمدينة ولاية بولاية معتمدية بمعتمدية منطقة بمنطقة مطار ميناء جزيرة قرية جهة بجهة ضد",
    "body": "تنظيم شركة نادي فريق حزب حركة قناة اذاعة موقع تطبيق صحيفة مؤسسة جماعة وكالة مجموعة جمعية",
    "name": "بن بنت ابن ابو بو ال عبد ام",
}
"""Base forms that precede a name, by kind: titles, heads of places and organizations, parts of personal names."""

_SMOOTHING = 2.0
_NAMES_AMONG_UNREAD = 0.6
"""Prior probability, from a manual count of 200 words that the tables do not have."""
_SHORTEST_WITH_ARTICLE = 4
_SHORTEST_INFLECTED = 4
_RIDGE = 1.0
_ROUNDS = 30
_LEAST, _OFTEN = 2, 5
_LIKELY, _SURE, _SUREST, _NEVER = 0.5, 0.85, 0.95, 1.0
"""Thresholds: probabilities above which a form is a name."""


class News:
    """The articles as sequences of base forms, and the counts of these."""

    def __init__(self, path: Path) -> None:
        self._folded: dict[str, str] = {}
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            articles = [json.loads(line) for line in lines]
        texts = (article.get(part) or "" for article in articles for part in ("title", "text"))
        self.sequences = [list(self._words(text)) for text in texts]
        self.counts = Counter(word for sequence in self.sequences for word in sequence)
        for mark in (BREAK, QUOTE):
            del self.counts[mark]

    def _words(self, text: str) -> Iterator[str]:
        end = 0
        for match in token_pattern().finditer(text):
            between = text[end : match.start()]
            if _QUOTE.search(between):
                yield QUOTE
            elif _PUNCTUATION.search(between):
                yield BREAK
            yield self._base(match.group()) if kind_of(match) is TokenKind.ARABIC else BREAK
            end = match.end()

    def _base(self, token: str) -> str:
        base = self._folded.get(token)
        if base is None:
            base = self._folded[token] = folding.base(folding.written(token))
        return base


class NameModel:
    """The use of each form in the news; a form with و, ب or ل before a more frequent form counts as that form."""

    def __init__(self, news: News, tables: Tables, words: WordEvidence, score: Callable[[str], int]) -> None:
        self._heads = {word: kind for kind, words in _HEADS.items() for word in words.split()}
        self._counts, self._score, self._tables = news.counts, score, tables
        self._readings = {form: words.readings(form) for form in news.counts}
        self._core = {form: self._core_of(form) for form in news.counts}
        self._readings |= {core: words.readings(core) for core in self._core.values() if core not in self._readings}
        self.occurrences: Counter[str] = Counter()
        self._before: Counter[tuple[str, str]] = Counter()
        given = {form for form, entries in tables.stems.items() if any(e.category == "Nprop" for e in entries)}
        self._given = given & set(news.counts)
        for sequence in news.sequences:
            self._count(sequence)

    def names(self) -> dict[str, float]:
        """Return the names among the forms that the tables do not have, with their probability."""
        sure = {form for form, readings in self._readings.items() if readings and all(map(_is_name, readings))}
        common = {form for form, r in self._readings.items() if r and not any(reading.entry.is_name for reading in r)}
        candidates = [
            f
            for f in self.occurrences
            if not self._readings[f] and self.occurrences[f] >= _LEAST and len(f) > 2  # noqa: PLR2004  # the shortest name
        ]
        training = [[f for f in sorted(forms) if self.occurrences[f] > 2 and len(f) > 2] for forms in (sure, common)]  # noqa: PLR2004  # frequent enough for its contexts to be typical
        probabilities = _fit(*(self._table(forms) for forms in training))(self._table(sorted(candidates)))
        chosen = zip(sorted(candidates), probabilities, strict=True)
        return {form: float(value) for form, value in chosen if value > self._threshold(form)}

    def _threshold(self, form: str) -> float:
        """Return the threshold of a form: higher if it is rare or if the tables have some reading of it."""
        looks_foreign = self._score(folding.surface(form)) > 0
        if next(self._tables.readings(form), None):
            return _SURE if looks_foreign and self.occurrences[form] >= _OFTEN else _NEVER
        if self.occurrences[form] >= _OFTEN:
            return _LIKELY
        return _SURE if looks_foreign else _SUREST

    def _core_of(self, form: str) -> str:
        """Return a form without its particle, if the tables do not have the form and the rest is more frequent."""
        core = form
        for particle in (WAW, BEH, LAM):
            rest = core[1:]
            unread = particle == WAW or not self._readings[form]
            before_article = rest.startswith(ARTICLE) and len(rest) > _SHORTEST_WITH_ARTICLE
            more = before_article or self._counts[rest] >= self._counts[core]
            if core[0] == particle and len(rest) > 2 and unread and more:  # noqa: PLR2004  # the shortest name
                core = rest
        return core

    def _count(self, sequence: list[str]) -> None:
        for index, form in enumerate(sequence):
            if form in (BREAK, QUOTE):
                continue
            core = self._core[form]
            self.occurrences[core] += 1
            before = sequence[index - 1] if index else BREAK
            after = sequence[index + 1] if index + 1 < len(sequence) else BREAK
            for kind in self._kinds_before(before):
                self._before[core, kind] += 1
            if form != core and form[0] != WAW:
                self._before[core, "place"] += 1
            if before == after == QUOTE:
                self._before[core, "quoted"] += 1
            if after not in (BREAK, QUOTE):
                self._before[core, "then article"] += after.startswith(ARTICLE)
                self._before[core, "then name"] += self._core[after] in self._given
                self._before[core, "then unread"] += not self._readings[after]

    def _kinds_before(self, before: str) -> Iterator[str]:
        if before in (BREAK, QUOTE):
            yield "break"
            return
        before = self._core[before]
        if before in self._heads:
            yield self._heads[before]
        if before in self._given:
            yield "name"
        elif not self._readings.get(before, True):
            yield "unread"
        if before.startswith(_ARTICLES):
            yield "article"

    def _table(self, forms: list[str]) -> NDArray[np.float64]:
        return np.array([self._features(form) for form in forms], dtype=np.float64)

    def _features(self, form: str) -> list[float]:
        n = self.occurrences[form]
        share = {kind: self._before[form, kind] / (n + _SMOOTHING) for kind in _CONTEXTS}
        has_article = form.startswith(_ARTICLES)
        bare = without_particles(form)
        with_article = sum(self._counts[article + bare] for article in _ARTICLES)
        without = sum(self._counts[before + bare] for before in ("", WAW, BEH, LAM))
        own = self._core.get(form, form)
        pronouns, inflections, nisbas = (
            math.log1p(self._others(bare, endings, own)) for endings in (_PRONOUNS, _INFLECTIONS, _NISBAS)
        )
        return [
            1.0,
            *share.values(),
            share["article"] * has_article,
            min(self._before[form, "name"], 5) / 5,
            min(self._before[form, "title"], 5) / 5,
            max(-10.0, min(10.0, self._score(folding.surface(form)) / 10)),
            pronouns,
            inflections,
            nisbas,
            (with_article + 0.5) / (with_article + without + 1),
            has_article,
            has_article and form.endswith(YEH),
            form.endswith(YEH + TEH_MARBUTA),
            form.endswith(ALEF + TEH),
            form.endswith(TEH_MARBUTA),
            form.startswith(BEH + WAW) and len(form) > 4,  # noqa: PLR2004  # bu and a name
            self._has_common_stem(form, bare),
            math.log(n),
            len(bare),
            bare[0] == MEEM,
            bare[0] == TEH,
            bare[0] == ALEF,
            any(letter + bare in self._counts for letter in _VERBAL),
        ]

    def _has_common_stem(self, form: str, bare: str) -> bool:
        """Return whether a form without its ending is a common word in the news."""
        stems = {bare[: -len(end)] for end in (*_INFLECTIONS, *_NISBAS) if bare.endswith(end)} | {bare} - {form}
        stems |= {stem + TEH_MARBUTA for stem in stems} - {form}
        # Adjectives of a feminine noun lose its ending.
        readings = (
            reading
            for stem in stems
            if len(stem) > 2 and self._counts[stem] > 1  # noqa: PLR2004  # letters of a root
            for reading in self._readings.get(stem, ())
        )
        return any(not reading.entry.is_name for reading in readings)

    def _others(self, bare: str, endings: Iterable[str], own: str) -> int:
        """Return the number of other inflections of a form that occur in the news."""
        stems = {bare} | {
            bare[: -len(end)]
            for end in (*_INFLECTIONS, *_NISBAS)
            if bare.endswith(end) and len(bare) > _SHORTEST_INFLECTED
        }
        forms = {front + stem + ending for stem in stems for ending in endings for front in ("", *_ARTICLES)}
        return sum(form in self._counts and self._core[form] != own for form in forms)


_CONTEXTS: tuple[str, ...] = ("name", "title", "place", "body", "unread", "article", "break", "quoted", "then article")
_CONTEXTS += ("then name", "then unread")


def _is_name(reading: Reading) -> bool:
    return reading.entry.is_name and reading.entry.category in _NAME_CATEGORIES


def _fit(
    names: NDArray[np.float64], words: NDArray[np.float64]
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Fit a logistic model of names against words; return the function from features to probabilities.

    Features are float64 of shape (forms, features), the first one constant; probabilities have shape (forms,).
    """
    features = np.concatenate((names, words))
    labels = np.concatenate((np.ones(len(names)), np.zeros(len(words))))
    share = np.where(labels == 1, _NAMES_AMONG_UNREAD / len(names), (1 - _NAMES_AMONG_UNREAD) / len(words))
    weights = share * len(labels)
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    mean[0], spread[0] = 0.0, 1.0
    scaled = (features - mean) / spread
    factors = np.zeros(scaled.shape[1])
    for _ in range(_ROUNDS):
        # Newton's method on the penalized likelihood.
        expected = 1 / (1 + np.exp(-scaled @ factors))
        gradient = scaled.T @ (weights * (labels - expected)) - _RIDGE * factors
        hessian = (scaled * (weights * expected * (1 - expected))[:, None]).T @ scaled + _RIDGE * np.eye(len(factors))
        factors += np.linalg.solve(hessian, gradient)
    return lambda table: 1 / (1 + np.exp(-((table - mean) / spread) @ factors))
