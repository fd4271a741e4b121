"""Golden file: the 2,000 most frequent words of the news, with manually judged readings.

The columns of golden_news.tsv are the surface, the correct lemmas, the correct roots (`-` for none), and `!` if the
first reading is known to be wrong. When a marked word is read correctly, run
`python -m tests.analysis.arabic.regenerate`, which updates the marks, and review the diff before the commit.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from index.analysis.analyzer import Analyzer
from tests.analysis.explaining import readings_of

GOLDEN = Path(__file__).with_name("golden_news.tsv")
ALLOWED_WRONG = 0.04
"""Maximum share of marked words; it must only decrease."""

_LEMMA = str.maketrans("أإآٱىة", "اااايه")
_ROOT = str.maketrans(dict.fromkeys("أإآؤئءاىي", "و"))


class Judged(NamedTuple):
    """One word with its correct lemmas and roots."""

    word: str
    lemmas: tuple[str, ...]
    roots: tuple[str, ...]
    known_wrong: bool

    def fits(self, analyzer: Analyzer) -> bool:
        """Return whether the first reading is correct; lemmas are compared folded, roots with weak letters equal."""
        readings = readings_of(analyzer, self.word)
        if not readings:
            return False
        root = readings[0].roots[0][0] if readings[0].roots else "-"
        return readings[0].lemma.translate(_LEMMA) in {lemma.translate(_LEMMA) for lemma in self.lemmas} and (
            root.translate(_ROOT) in {correct.translate(_ROOT) for correct in self.roots}
        )


def judged() -> list[Judged]:
    """Return the lines of the golden file."""
    rows = (line.split("\t") for line in GOLDEN.read_text("utf-8").splitlines())
    return [Judged(row[0], tuple(row[1].split("|")), tuple(row[2].split("|")), row[3] == "!") for row in rows]


@pytest.mark.parametrize("part", range(20))
def test_frequent_words_have_the_judged_reading(analyzer: Analyzer, part: int) -> None:
    for row in judged()[part * 100 : part * 100 + 100]:
        correct = row.fits(analyzer)
        readings = [(reading.lemma, reading.roots, reading.weight) for reading in readings_of(analyzer, row.word)]
        assert correct is not row.known_wrong, f"{row.word}: {readings}; correct are {row.lemmas} of {row.roots}" + (
            "; it is correct now: remove its mark with tests.analysis.arabic.regenerate" if correct else ""
        )


def test_the_list_is_long_and_mostly_right() -> None:
    rows = judged()
    assert len(rows) == 2000
    assert sum(row.known_wrong for row in rows) <= ALLOWED_WRONG * len(rows)
