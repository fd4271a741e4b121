"""Readings that people chose: frequent words of the news whose likeliest reading no count can tell.

Counts cannot part أمر (order) from أمرّ (more bitter), since both are spelled alike wherever they occur. The list says
which dictionary word is meant in news as a rule; the other readings stay behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from index.analysis import folding
from index.analysis.readings import Reading

FILE = "reviewed.tsv"
_SHARE = 0.7
"""Weight of a reading that was chosen; the others share the rest."""


class Choice(NamedTuple):
    """The dictionary word that a form stands for as a rule."""

    lemma: str
    root: str
    """Empty for a word without one."""

    def fits(self, reading: Reading) -> bool:
        """Return whether a reading is of this word."""
        root = reading.roots[0][0] if reading.roots else ""
        return root == self.root and folding.surface(reading.lemma) == folding.surface(self.lemma)


class ReviewedWords:
    """The list, by folded form."""

    def __init__(self, choices: Mapping[str, Choice]) -> None:
        self._choices = choices

    def settle(
        self, surface: str, readings: tuple[Reading, ...], look_up: Callable[[str], tuple[Reading, ...]]
    ) -> tuple[Reading, ...]:
        """Return the readings of a surface with the chosen one first.

        A choice holds for the form itself, and for the form with particles before it if that reading is among them.
        Where no reading is the chosen word, the first one takes its lemma, family and root from `look_up` of the lemma.
        """
        choices = self._choices
        choice = choices.get(surface)
        if choice is None:
            for reading in readings:
                if reading.stem in choices:
                    choice = choices[reading.stem]
                    break
            if choice is None or not any(choice.fits(reading) for reading in readings):
                return readings
        chosen = next((reading for reading in readings if choice.fits(reading)), None)
        if chosen is None:
            chosen = _changed(readings[0], choice, look_up(choice.lemma))
            readings = readings[1:]
        return _first(chosen, [reading for reading in readings if not choice.fits(reading)])


def _changed(reading: Reading, choice: Choice, entries: Iterable[Reading]) -> Reading:
    entry = next((entry for entry in entries if choice.fits(entry)), None)
    return reading._replace(
        lemma=choice.lemma,
        vocalized=entry.vocalized if entry else "",
        family=entry.family if entry else choice.lemma,
        roots=((choice.root, 1.0),) if choice.root else (),
        pos=entry.pos if entry else reading.pos,
        source="reviewed",
    )


def _first(chosen: Reading, others: list[Reading]) -> tuple[Reading, ...]:
    if not others:
        return (chosen._replace(weight=1.0),)
    share = max(_SHARE, chosen.weight)
    total = sum(reading.weight for reading in others)
    rest = [it._replace(weight=round((1 - share) * it.weight / total, 2)) for it in others]
    kept = [reading for reading in rest if reading.weight > 0]
    return (chosen._replace(weight=round(1 - sum(it.weight for it in kept), 2)), *kept)


def load_reviewed_words(folder: Path) -> ReviewedWords:
    """Return the list in a folder.

    Raises:
        OSError: the file is missing.
    """
    rows = [line.split("\t") for line in (folder / FILE).read_text("utf-8").splitlines() if not line.startswith("#")]
    return ReviewedWords(
        {folding.surface(form): Choice(lemma, "" if root == "-" else root) for form, lemma, root in rows}
    )
