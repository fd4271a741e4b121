"""The 2,000 most frequent words of the news, each with the reading that people chose for it.

golden_news.tsv: word (folded), lemmas that are right, roots that are right (`-` for none), and `!` where the first
reading is known to be wrong. A word that is read rightly again loses its mark: `python -m tests.analysis.regenerate`
sets the marks anew; read the difference before it is committed.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from index.analysis.pipeline import Analyzer

GOLDEN = Path(__file__).with_name("golden_news.tsv")
ALLOWED_WRONG = 0.04
"""Share of the words that may bear the mark: the list is to shrink."""

_LEMMA = str.maketrans("أإآٱىة", "اااايه")
_ROOT = str.maketrans(dict.fromkeys("أإآؤئءاىي", "و"))


class Judged(NamedTuple):
    """One word with what is right for it."""

    word: str
    lemmas: tuple[str, ...]
    roots: tuple[str, ...]
    known_wrong: bool

    def fits(self, analyzer: Analyzer) -> bool:
        """Whether the first reading is right: lemmas by folded letters, roots with weak letters alike."""
        readings = analyzer.readings(self.word)
        if not readings:
            return False
        root = readings[0].roots[0][0] if readings[0].roots else "-"
        return readings[0].lemma.translate(_LEMMA) in {lemma.translate(_LEMMA) for lemma in self.lemmas} and (
            root.translate(_ROOT) in {one.translate(_ROOT) for one in self.roots}
        )


def judged() -> list[Judged]:
    """Return the lines of the golden file."""
    rows = (line.split("\t") for line in GOLDEN.read_text("utf-8").splitlines())
    return [Judged(row[0], tuple(row[1].split("|")), tuple(row[2].split("|")), row[3] == "!") for row in rows]


@pytest.mark.parametrize("part", range(20))
def test_frequent_words_are_read_as_people_read_them(analyzer: Analyzer, part: int) -> None:
    for row in judged()[part * 100 : part * 100 + 100]:
        right = row.fits(analyzer)
        found = [(reading.lemma, reading.roots, reading.weight) for reading in analyzer.readings(row.word)]
        assert right is not row.known_wrong, f"{row.word}: {found}; right are {row.lemmas} of {row.roots}" + (
            "; it is right now: take its mark away with tests.analysis.regenerate" if right else ""
        )


def test_the_list_is_long_and_mostly_right() -> None:
    rows = judged()
    assert len(rows) == 2000
    assert sum(row.known_wrong for row in rows) <= ALLOWED_WRONG * len(rows)
