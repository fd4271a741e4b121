"""The reader of words in the lexicon: the readings of a word, ranked.

Each division that the lexicon allows has a score: the log frequency of its stem, prefix and suffix (fitted by
`scripts.build_lexicon.priors`) minus a penalty for written letters that differ from the dictionary's. Divisions of one
dictionary word are one reading. Readings close to the best are kept with weights: قال is ق-و-ل and a little ق-ي-ل,
عام is year and general. Context does not disambiguate them; a search finds them all.
"""

from __future__ import annotations

import math

from index.analysis.arabic.clitics import ARTICLE
from index.analysis.arabic.letters import ALEF, ALEF_MAKSURA, HAMZA, HEH, LAM, TEH, WAW, WAW_HAMZA, YEH, YEH_HAMZA
from index.analysis.arabic.lexicon import Affix, Best, Entry, Lexicon
from index.analysis.readings import Reading

_NEGLIGIBLE, _NEGLIGIBLE_OF_ROOT = 0.15, 0.2
"""Fraction of the best share below which a reading is dropped: of the same root, and of another root."""
_MOST = 3
_PARTICLE = "particle"
_DEFINABLE = ("noun", "adjective")
_FAR = round(100 * math.log(_NEGLIGIBLE / 2))


class LexiconReader:
    """Reads words that are in the lexicon. Thread-safe."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def has(self, key: str, written: str) -> bool:
        """Return whether the lexicon has a word with exactly these letters."""
        return self._lexicon.has(key, written)

    def read(self, key: str, base: str, written: str = "") -> tuple[Reading, ...]:
        """Return the readings of a surface `key`, the likeliest first; empty if the lexicon does not have the word.

        `written` is the written form, whose hamzas and endings rank the readings. The base form replaces it if it is
        empty, has another length, or fits no reading.
        """
        best = self._lexicon.best(key, written) if len(written) == len(key) else {}
        if not best:
            if written != base:
                # A misspelled hamza must not hide the word.
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
        """Return the best `_MOST` of the close readings; the weights add up to one.

        `close` has pairs of negative score (hundredths of a nat) and number of the dictionary word, the best first.
        """
        highest = close[0][0]
        shares: dict[tuple[str, str, str], float] = {}
        firsts: dict[tuple[str, str, str], int] = {}
        for score, lemma in close:
            entry = self._lexicon.entry(lemma)
            identity = (entry.lemma, entry.family, entry.roots[0][0] if entry.roots else "")
            if identity in shares:
                shares[identity] += math.exp((highest - score) / 100)
            else:
                shares[identity] = math.exp((highest - score) / 100)
                firsts[identity] = lemma
        if len(shares) == 1:
            lemma = close[0][1]
            return (_reading(key, best[lemma], self._lexicon.entry(lemma), 1.0),)
        kept = sorted(shares, key=lambda identity: -shares[identity])[:_MOST]
        best_share, root = shares[kept[0]], kept[0][2]
        kept = [
            identity
            for identity in kept
            if shares[identity] >= best_share * (_NEGLIGIBLE if identity[2] == root else _NEGLIGIBLE_OF_ROOT)
        ]
        if self._lexicon.entry(firsts[kept[0]]).pos != _PARTICLE:
            # Particles are not searched for, so they are not kept beside a content word.
            kept = [identity for identity in kept if self._lexicon.entry(firsts[identity]).pos != _PARTICLE]
        total = sum([shares[identity] for identity in kept])
        weights = [round(shares[identity] / total, 2) for identity in kept[1:]]
        weights.insert(0, round(1 - sum(weights), 2))
        return tuple(
            _reading(key, best[firsts[identity]], self._lexicon.entry(firsts[identity]), weight)
            for identity, weight in zip(kept, weights, strict=True)
        )


def _reading(key: str, best: Best, entry: Entry, weight: float) -> Reading:
    _, prefix, suffix = best
    proclitics = prefix.clitics
    if proclitics and proclitics[-1] == LAM and entry.pos in _DEFINABLE and key.startswith(LAM, len(prefix.spelled)):
        # A noun that begins with lam has no third one: للجنة is ل, ال and لجنة far more often than ل and لجنة.
        proclitics = (*proclitics, ARTICLE)
    # The alef after a noun is the accusative ending. After a verb it is the subject and belongs to the form.
    clitics = proclitics or suffix.clitics or (suffix.spelled == ALEF and entry.pos != "verb")
    return Reading.__new__(  # with keywords, calling the class itself takes three times as long
        Reading,
        stem=_without_clitics(key, prefix, suffix, entry) if clitics else key,
        lemma=entry.lemma,
        vocalized=entry.vocalized,
        family=entry.family,
        roots=() if entry.pos == "name" else entry.roots,
        pos=entry.pos,
        proclitics=proclitics,
        enclitics=suffix.clitics,
        weight=weight,
        source="lexicon",
    )


def _without_clitics(key: str, prefix: Affix, suffix: Affix, entry: Entry) -> str:
    """Return a surface without the clitics of its affixes; inflectional letters stay."""
    front = prefix.clitic_letters
    if prefix.clitics[-2:] == (LAM, ARTICLE):
        front -= 1 if len(prefix.spelled) == front - 1 else 2
    pronoun = suffix.clitic_letters
    if pronoun:
        return _restored(key[front:-pronoun], suffix.spelled[:-pronoun], entry)
    stem = key[front:]
    # The alef of the accusative is an ending, not a letter of the word.
    accusative = suffix.spelled == ALEF and entry.pos != "verb" and len(stem) > len(ALEF) + 1
    return stem[:-1] if accusative else stem


def _restored(stem: str, ending: str, entry: Entry) -> str:
    """Return the form that a stem before a pronoun has without it."""
    if ending == TEH and stem.endswith(TEH) and entry.pos != "verb":
        return stem[:-1] + HEH
    if stem.endswith((WAW_HAMZA, YEH_HAMZA)):
        return stem[:-1] + HAMZA
    if stem.endswith(ALEF) and not ending and entry.lemma.endswith(ALEF_MAKSURA):
        return stem[:-1] + YEH
    return stem + ALEF if ending == WAW and entry.pos == "verb" else stem
