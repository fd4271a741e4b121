"""Evidence that a form is a word: counts of forms in news, and a list of words that are never cut.

The counts replace a lexicon. They are used in bits (the bit length of a count), since the number of forms of a word is
better evidence than the frequency of one form.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from pathlib import Path

from index.analysis.arabic.clitics import Host, Slot, Use, letters_of, with_article
from index.analysis.arabic.letters import ALEF, LAM, NOON, TEH, TEH_MARBUTA, WAW, YEH

SURE = 6.0
"""Evidence from which a word counts as certain, in bits: 32 occurrences of one form."""
IMPERFECT_PREFIXES = (YEH, TEH, NOON, ALEF)
"""The persons of the imperfect."""

_PARTICLES = letters_of(Slot.CONJUNCTION, least=Use.FREQUENT) + letters_of(
    Slot.PARTICLE, least=Use.FREQUENT, host=Host.NOUN
)
_ARTICLES = tuple(map(with_article, ("", *_PARTICLES)))
_OUTER = frozenset((*_ARTICLES, *_PARTICLES))
_PRONOUNS = letters_of(Slot.PRONOUN, least=Use.FREQUENT)
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
"""Inflectional endings, and the endings that other forms of the same word have instead."""
_SHORTEST_RELATIVE = 3


class WordEvidence:
    """Evidence about base forms from counts and lists. Immutable, therefore thread-safe."""

    def __init__(self, counts: Mapping[str, int], whole: tuple[str, ...]) -> None:
        """Take the counts by form, and the words that are never cut.

        An entry `x*` means that words which begin with `x` have no particle.
        """
        self._bits = {form: count.bit_length() for form, count in counts.items()}
        self._whole = frozenset(word for word in whole if not word.endswith("*"))
        self._beginnings = tuple(word[:-1] for word in whole if word.endswith("*"))

    def is_fixed(self, form: str) -> bool:
        """Return whether `form` is listed as a word without particle and pronoun."""
        return form in self._whole

    def is_whole(self, form: str) -> bool:
        """Return whether `form` is listed as a word without particle; it may have a pronoun."""
        return form in self._whole or form.startswith(self._beginnings)

    def seen(self, form: str) -> int:
        """Return the evidence for exactly this form, in bits."""
        return self._bits.get(form, 0)

    def with_article(self, form: str) -> int:
        """Return the evidence for `form` after the article, in bits: a sum over the particles before the article."""
        bits = self._bits.get
        plain, after_waw, after_beh, after_lam = _ARTICLES
        return bits(plain + form, 0) + bits(after_waw + form, 0) + bits(after_beh + form, 0) + bits(after_lam + form, 0)

    def with_particles(self, form: str, particles: tuple[str, ...]) -> int:
        """Return the evidence for `form` after a particle, in bits: a sum over the particles."""
        bits = self._bits.get
        return sum([bits(particle + form, 0) for particle in particles])

    def with_pronouns(self, form: str) -> int:
        """Return the evidence for `form` before a pronoun, in bits: a sum over the pronouns."""
        bits = self._bits.get
        stem = _before_pronoun(form)
        his, her, their = _PRONOUNS
        return bits(stem + his, 0) + bits(stem + her, 0) + bits(stem + their, 0)

    def plainly_known(self, rest: str, form: str) -> int:
        """Return the evidence that `rest` is a word, in bits, without that of `form`, from which it would be cut."""
        evidence = self.seen(rest) + self.with_article(rest) + self.with_particles(rest, _PARTICLES)
        if form.endswith(rest) and form[: -len(rest)] in _OUTER:
            evidence -= self.seen(form)
        if form == LAM + rest:
            # للبنان is ل and لبنان, so it is no evidence for بنان.
            evidence -= self.seen(LAM + form)
        stem = _before_pronoun(rest)
        if form.startswith(stem) and form[len(stem) :] in _PRONOUNS:
            evidence -= self.seen(form)
        return evidence + self.with_pronouns(rest)

    def inflected(self, form: str) -> float:
        """Return half of the best evidence for another inflection of `form` after the article, in bits.

        Only half, since `_relatives` guesses the inflections.
        """
        return max(map(self.with_article, _relatives(form)), default=0) / 2

    def known(self, rest: str, form: str) -> float:
        """Return `plainly_known`, plus 24 bits for a listed word, or half the evidence of inflections if unseen."""
        bits = self.plainly_known(rest, form)
        if self.is_whole(rest):
            return bits + 4 * SURE
        if bits > 1 or len(rest) <= _SHORTEST_RELATIVE:
            return bits
        return (
            bits
            + max((self.seen(relative) + self.with_article(relative) for relative in _relatives(rest)), default=0) / 2
        )


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
    """Return the words of a list file, in which white space separates words and `#` begins a comment."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(word for line in lines for word in line.partition("#")[0].split())


def _before_pronoun(form: str) -> str:
    return form[:-1] + TEH if form.endswith(TEH_MARBUTA) else form


def _relatives(form: str) -> Iterator[str]:
    """Yield the other inflections that a word of this form may have."""
    for ending, replacements in _ENDINGS:
        if form.endswith(ending) and len(form) - len(ending) >= _SHORTEST_RELATIVE - 1:
            stem = form[: -len(ending)]
            yield from (
                stem + replacement for replacement in replacements if len(stem + replacement) >= _SHORTEST_RELATIVE
            )
    if form[0] in IMPERFECT_PREFIXES and len(form) > _SHORTEST_RELATIVE:
        yield from (letter + form[1:] for letter in IMPERFECT_PREFIXES if letter != form[0])
    if len(form) >= _SHORTEST_RELATIVE:
        yield form + TEH_MARBUTA
        yield form + ALEF + TEH
        yield form + TEH
        yield form + WAW + ALEF
