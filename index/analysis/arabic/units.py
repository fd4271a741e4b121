"""Units of measurement: a unit and its abbreviations are one spelling class, as the spellings of a foreign name are.

An abbreviation that is a word too (كلم, *to speak to*) keeps its readings.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from index.analysis.arabic import folding
from index.analysis.readings import Reading

FILE = "units.txt"


class Units:
    """The classes of units. Immutable, therefore thread-safe."""

    def __init__(self, classes: Mapping[str, str]) -> None:
        """Take the class of each unit and abbreviation, both as surfaces."""
        self._classes = classes

    def marked(self, readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
        """Return the readings, in which that of a unit has its spelling class; nearly all words are none."""
        classes = self._classes
        for reading in readings:
            if reading.stem in classes or folding.fold(reading.lemma) in classes:
                return tuple(map(self._marked, readings))
        return readings

    def _marked(self, reading: Reading) -> Reading:
        unit = self._classes.get(reading.stem) or self._classes.get(folding.fold(reading.lemma))
        if unit is None or reading.enclitics:
            return reading
        return reading._replace(spelling=unit, source="reviewed" if reading.source == "counts" else reading.source)


def load_units(folder: Path) -> Units:
    """Return the units of the data file in `folder`.

    Raises:
        OSError: the file is missing or cannot be read.
    """
    lines = (folder / FILE).read_text("utf-8").splitlines()
    classes = [line.split() for line in lines if line and not line.startswith("#")]
    return Units({name: names[0] for names in classes for name in names})
