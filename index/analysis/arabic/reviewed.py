"""Manually reviewed readings: frequent words in news whose likeliest reading cannot be derived from counts.

Counts cannot distinguish أمر (order) from أمرّ (more bitter), which are spelled alike. The list has the usual dictionary
word of such a form in news. It becomes the first reading; the others follow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from index.analysis.arabic import folding
from index.analysis.readings import Reading

FILE = "reviewed.tsv"
_SHARE = 0.7
"""Minimum weight of the reviewed reading; the others share the rest."""


class Choice(NamedTuple):
    """The usual dictionary word of a form."""

    lemma: str
    root: str
    """Empty for a word without one."""

    def fits(self, reading: Reading) -> bool:
        """Return whether a reading has this lemma and root."""
        root = reading.roots[0][0] if reading.roots else ""
        return root == self.root and folding.surface(reading.lemma) == folding.surface(self.lemma)


class ReviewedWords:
    """The reviewed choices by surface."""

    def __init__(self, choices: Mapping[str, Choice]) -> None:
        self._choices = choices

    def settle(
        self, surface: str, readings: tuple[Reading, ...], look_up: Callable[[str], tuple[Reading, ...]]
    ) -> tuple[Reading, ...]:
        """Return the readings of a surface with the reviewed choice first.

        A choice applies to the form itself, and to the form with clitics if a reading is the chosen word. If no reading
        of the form itself is the chosen word, the first reading is changed to it: its lemma, family and root
        come from the choice and from `look_up` of the lemma.
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
    rest = [reading._replace(weight=round((1 - share) * reading.weight / total, 2)) for reading in others]
    kept = [reading for reading in rest if reading.weight > 0]
    return (chosen._replace(weight=round(1 - sum(reading.weight for reading in kept), 2)), *kept)


def load_reviewed_words(folder: Path) -> ReviewedWords:
    """Return the reviewed words of the data file in `folder`.

    Raises:
        OSError: the file is missing or cannot be read.
    """
    rows = [line.split("\t") for line in (folder / FILE).read_text("utf-8").splitlines() if not line.startswith("#")]
    return ReviewedWords(
        {folding.surface(form): Choice(lemma, "" if root == "-" else root) for form, lemma, root in rows}
    )
