"""Evidence that a form is a word: counts of news forms, and lists of words that are never cut.

Counts stand in for a lexicon. They are read as bits (the binary length of a count), since in how many forms a word
was seen says more than how often one of them was.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from pathlib import Path

from index.analysis.letters import ALEF, BEH, HEH, LAM, MEEM, NOON, TEH, TEH_MARBUTA, WAW, YEH

SURE = 6.0
"""Evidence of a word that nobody doubts, in bits: 32 occurrences of one form."""

_ARTICLE = ALEF + LAM
_ARTICLES = (_ARTICLE, WAW + _ARTICLE, BEH + _ARTICLE, LAM + LAM)
_PARTICLES = (WAW, BEH, LAM)
_OUTER = frozenset((*_ARTICLES, *_PARTICLES))
_PRONOUNS = (HEH, HEH + ALEF, HEH + MEEM)
_ENDINGS = (
    (ALEF + TEH, ("", TEH_MARBUTA)),
    (WAW + NOON, ("",)),
    (YEH + NOON, ("",)),
    (ALEF + NOON, ("",)),
    (TEH + YEH + NOON, (TEH_MARBUTA,)),
    (YEH + TEH_MARBUTA, (YEH,)),
    (TEH_MARBUTA, ("",)),
    (WAW + ALEF, ("",)),
    (YEH, ("", TEH_MARBUTA, ALEF)),
    (TEH, ("",)),
    (ALEF, ("",)),
)
"""Inflectional endings and what stands in their place in another form of the same word."""
_IMPERFECT = (YEH, TEH, NOON, ALEF)
_SHORTEST_RELATIVE = 3


class WordEvidence:
    """What news and lists say about forms; immutable, so that threads may share it. Forms are base forms."""

    def __init__(self, counts: Mapping[str, int], whole: tuple[str, ...]) -> None:
        """Take the counts and the words that are never cut; `beginning*` stands for all words without a particle."""
        self._bits = {form: count.bit_length() for form, count in counts.items()}
        self._whole = frozenset(word for word in whole if not word.endswith("*"))
        self._beginnings = tuple(word[:-1] for word in whole if word.endswith("*"))

    def is_fixed(self, form: str) -> bool:
        """Return whether the list says that `form` has neither particle nor pronoun."""
        return form in self._whole

    def is_whole(self, form: str) -> bool:
        """Return whether the list says that `form` has no particle; it may have a pronoun."""
        return form in self._whole or form.startswith(self._beginnings)

    def seen(self, form: str) -> int:
        """Return the evidence of one form, as it is, in bits."""
        return self._bits.get(form, 0)

    def with_article(self, form: str) -> int:
        """Return the evidence of `form` behind the article."""
        bits = self._bits.get
        plain, after_waw, after_beh, after_lam = _ARTICLES
        return bits(plain + form, 0) + bits(after_waw + form, 0) + bits(after_beh + form, 0) + bits(after_lam + form, 0)

    def with_particles(self, form: str, particles: tuple[str, ...]) -> int:
        """Return the evidence of `form` behind each of the particles."""
        bits = self._bits.get
        return sum([bits(particle + form, 0) for particle in particles])

    def with_pronouns(self, form: str) -> int:
        """Return the evidence of `form` before a pronoun."""
        bits = self._bits.get
        stem = _before_pronoun(form)
        his, her, their = _PRONOUNS
        return bits(stem + his, 0) + bits(stem + her, 0) + bits(stem + their, 0)

    def plainly_known(self, rest: str, form: str) -> int:
        """Return the evidence that `rest` is a word, apart from `form`, the word that it would be cut from."""
        evidence = self.seen(rest) + self.with_article(rest) + self.with_particles(rest, _PARTICLES)
        if form.endswith(rest) and form[: -len(rest)] in _OUTER:
            evidence -= self.seen(form)
        if form == LAM + rest:
            # للبنان is ل and لبنان: no evidence for بنان.
            evidence -= self.seen(LAM + form)
        stem = _before_pronoun(rest)
        if form.startswith(stem) and form[len(stem) :] in _PRONOUNS:
            evidence -= self.seen(form)
        return evidence + self.with_pronouns(rest)

    def inflected(self, form: str) -> float:
        """Return the evidence of `form` in its other inflections behind the article; half of it, since it may err."""
        return max(map(self.with_article, _relatives(form)), default=0) / 2

    def known(self, rest: str, form: str) -> float:
        """Return the same for words of the lists too, and half of it for a word seen in other inflections only."""
        if self.is_whole(rest):
            return SURE
        bits = self.plainly_known(rest, form)
        if bits > 1 or len(rest) <= _SHORTEST_RELATIVE:
            return bits
        return bits + max((self.seen(other) + self.with_article(other) for other in _relatives(rest)), default=0) / 2


def load_word_evidence(folder: Path) -> WordEvidence:
    """Return the evidence in the shipped data files.

    Raises:
        OSError: a file is missing or damaged.
    """
    with gzip.open(folder / "word_counts.tsv.gz", "rt", encoding="utf-8") as lines:
        pairs = (line.split("\t") for line in lines)
        counts = {form: int(count) for form, count in pairs}
    return WordEvidence(counts, read_list(folder / "whole_words.txt"))


def read_list(path: Path) -> tuple[str, ...]:
    """Return the words of a list file: separated by white space, `#` begins a comment."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(word for line in lines for word in line.partition("#")[0].split())


def _before_pronoun(form: str) -> str:
    return form[:-1] + TEH if form.endswith(TEH_MARBUTA) else form


def _relatives(form: str) -> Iterator[str]:
    """Yield other inflections that a word of this form would have."""
    for ending, replacements in _ENDINGS:
        if form.endswith(ending) and len(form) - len(ending) >= _SHORTEST_RELATIVE - 1:
            stem = form[: -len(ending)]
            yield from (
                stem + replacement for replacement in replacements if len(stem + replacement) >= _SHORTEST_RELATIVE
            )
    if form[0] in _IMPERFECT and len(form) > _SHORTEST_RELATIVE:
        yield from (letter + form[1:] for letter in _IMPERFECT if letter != form[0])
    if len(form) >= _SHORTEST_RELATIVE:
        yield form + TEH_MARBUTA
        yield form + ALEF + TEH
        yield form + TEH
        yield form + WAW + ALEF
