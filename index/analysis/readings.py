"""Readings: what a word can be, ranked.

Each division that the lexicon allows has a score: how frequent its stem, prefix and suffix are (fitted by
`scripts.build_lexicon.priors`), less what the written letters have against it. Divisions of one dictionary word are one
reading. Readings that are close to the best are kept with their shares: قال is ق-و-ل and a little ق-ي-ل, عام is year
and general; what the context would decide is left to the search.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from index.analysis.letters import ALEF, ALEF_MAKSURA, HAMZA, HEH, LAM, TEH, WAW, WAW_HAMZA, YEH, YEH_HAMZA
from index.analysis.lexicon import Affix, Best, Entry, Lexicon

_NEGLIGIBLE, _NEGLIGIBLE_OF_ROOT = 0.15, 0.2
"""Share of the best reading below which another is dropped, of the same root and of another root."""
_MOST = 3
_ARTICLE = ALEF + LAM
_PARTICLE = "particle"
_DEFINABLE = ("noun", "adjective")
_FAR = round(100 * math.log(_NEGLIGIBLE / 2))


class Reading(NamedTuple):
    """One way to read a word."""

    lemma: str
    """Dictionary form without harakat: a singular, a masculine, a perfect."""
    vocalized: str
    """The same with harakat, empty where they are not known."""
    family: str
    """Equal for words derived from one verb or noun."""
    roots: tuple[tuple[str, float], ...]
    """Roots with weights that add up to one, the likeliest first; none for names and loan words."""
    pos: str
    """`verb`, `noun`, `adjective`, `name`, `particle`, or empty where not known."""
    proclitics: tuple[str, ...]
    """Particles in order of speech."""
    enclitics: tuple[str, ...]
    stem: str
    """The folded word without them."""
    weight: float
    """Share among the readings of the word; two decimals."""
    source: str
    """`lexicon`, `names`, `fallback`, or `counts` for a word of which only its clitics are known."""
    rule: str = ""
    """What a reader is told of it."""
    spelling: str = ""
    """Key of its spelling class, for foreign names."""


class LexiconReader:
    """Reads words that the lexicon has; shared by threads."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def read(self, key: str, base: str, written: str = "") -> tuple[Reading, ...]:
        """Return the readings of a surface, the likeliest first, none if the lexicon has not the word.

        `written` shows the hamza and the endings that the writer meant; without it the base form stands for it.
        """
        best = self._lexicon.best(key, written) if len(written) == len(key) else {}
        if not best:
            if written != base:
                # Whoever misspelled a hamza meant a word all the same.
                best = self._lexicon.best(key, base)
            if not best:
                return ()
        if len(best) == 1:
            (lemma,) = best
            return (_reading(key, best[lemma], self._lexicon.entry(lemma), 1.0),)
        least = max([score for score, _, _ in best.values()]) + _FAR
        close = sorted([(-score, lemma) for lemma, (score, _, _) in best.items() if score > least])
        if len(close) == 1:
            ((_, lemma),) = close
            return (_reading(key, best[lemma], self._lexicon.entry(lemma), 1.0),)
        return self._shared(key, best, close)

    def _shared(self, key: str, best: dict[int, Best], close: list[tuple[int, int]]) -> tuple[Reading, ...]:
        """Return the best few as readings whose weights add up to one.

        `close` has the dictionary words that are near the best, each behind its negative score, the best first.
        """
        highest = close[0][0]
        shares: dict[tuple[str, str, str], float] = {}
        firsts: dict[tuple[str, str, str], int] = {}
        for score, lemma in close:
            entry = self._lexicon.entry(lemma)
            same = (entry.lemma, entry.family, entry.roots[0][0] if entry.roots else "")
            if same in shares:
                shares[same] += math.exp((highest - score) / 100)
            else:
                shares[same] = math.exp((highest - score) / 100)
                firsts[same] = lemma
        if len(shares) == 1:
            lemma = close[0][1]
            return (_reading(key, best[lemma], self._lexicon.entry(lemma), 1.0),)
        kept = sorted(shares, key=lambda same: -shares[same])[:_MOST]
        best_share, root = shares[kept[0]], kept[0][2]
        kept = [
            same
            for same in kept
            if shares[same] >= best_share * (_NEGLIGIBLE if same[2] == root else _NEGLIGIBLE_OF_ROOT)
        ]
        if self._lexicon.entry(firsts[kept[0]]).pos != _PARTICLE:
            # Nobody looks for a particle, so it is not kept beside a word.
            kept = [same for same in kept if self._lexicon.entry(firsts[same]).pos != _PARTICLE]
        total = sum([shares[same] for same in kept])
        weights = [round(shares[same] / total, 2) for same in kept[1:]]
        weights.insert(0, round(1 - sum(weights), 2))
        return tuple(
            _reading(key, best[firsts[same]], self._lexicon.entry(firsts[same]), weight)
            for same, weight in zip(kept, weights, strict=True)
        )


def _reading(key: str, best: Best, entry: Entry, weight: float) -> Reading:
    _, prefix, suffix = best
    proclitics = prefix.clitics
    if proclitics and proclitics[-1] == LAM and entry.pos in _DEFINABLE and key.startswith(LAM, len(prefix.spelled)):
        # A noun in lam does not write a third: للجنة is ل, ال and لجنة far more often than ل and لجنة.
        proclitics = (*proclitics, _ARTICLE)
    # The alef behind a noun is the accusative's, that behind a verb is a subject and belongs to the form.
    clitics = proclitics or suffix.clitics or (suffix.spelled == ALEF and entry.pos != "verb")
    return Reading(
        entry.lemma,
        entry.vocalized,
        entry.family,
        () if entry.pos == "name" else entry.roots,
        entry.pos,
        proclitics,
        suffix.clitics,
        _without_clitics(key, prefix, suffix, entry) if clitics else key,
        weight,
        "lexicon",
    )


def _without_clitics(key: str, prefix: Affix, suffix: Affix, entry: Entry) -> str:
    """Return a folded word without the clitics of its affixes; the letters of its inflection stay."""
    front = prefix.clitic_letters
    if prefix.clitics[-2:] == (LAM, _ARTICLE):
        front -= 1 if len(prefix.spelled) == front - 1 else 2
    pronoun = suffix.clitic_letters
    if pronoun:
        return _restored(key[front:-pronoun], suffix.spelled[:-pronoun], entry)
    stem = key[front:]
    # The alef of the accusative is no letter of the word.
    accusative = suffix.spelled == ALEF and entry.pos != "verb" and len(stem) > len(ALEF) + 1
    return stem[:-1] if accusative else stem


def _restored(stem: str, ending: str, entry: Entry) -> str:
    """Return a form before a pronoun as it is written without it."""
    if ending == TEH and stem.endswith(TEH) and entry.pos != "verb":
        return stem[:-1] + HEH
    if stem.endswith((WAW_HAMZA, YEH_HAMZA)):
        return stem[:-1] + HAMZA
    if stem.endswith(ALEF) and not ending and entry.lemma.endswith(ALEF_MAKSURA):
        return stem[:-1] + YEH
    return stem + ALEF if ending == WAW and entry.pos == "verb" else stem
