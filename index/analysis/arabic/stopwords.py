"""Stop words: function words. They keep their position, and are found in quotes alone.

The list is looked up by base form, in which alefs are folded and endings are not: على is a stop word and the name علي
is not. A written form with madda is a content word, since no function word has one: آل (a family) is told from the
article ال, آية (a verse) from أية, the names آن and آنا from أن and أنا, and آي (of آي فون) from أي. Readers often
leave the madda out, so that ال in quotes finds آل too.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from index.analysis.arabic.clitics import CONJUNCTIONS
from index.analysis.arabic.evidence import read_list
from index.analysis.arabic.letters import ALEF, ALEF_MADDA, HAMZA


@dataclasses.dataclass(frozen=True, slots=True)
class StopWords:
    """The stop list and the exceptions to its rule for conjunctions."""

    words: frozenset[str]
    """Base forms."""
    exceptions: frozenset[str]
    """Base forms that look like a conjunction before a stop word but are content words."""

    def rule(self, base: str, written: str) -> str:
        """Return the name of the rule that makes a word a stop word, or an empty string for a content word."""
        return "" if _has_madda(written) else self._rule(base)

    def has_twin(self, base: str, written: str) -> bool:
        """Return whether a content word is folded to the letters of a stop word: without madda it would be one."""
        return _has_madda(written) and bool(self._rule(base))

    def without_madda(self, written: str) -> str:
        """Return the letters of a word of the Quran without the madda that only prolongs an alef there, as in هَٰٓؤُلَآءِ."""
        plain = written.replace(ALEF_MADDA, ALEF)
        return plain if not written.startswith(ALEF_MADDA) and self._rule(plain) else written

    def _rule(self, base: str) -> str:
        if base in self.words:
            return "stop list"
        if base[0] in CONJUNCTIONS:
            rest = base[1:]
            if len(rest) > 1 and rest in self.words and base not in self.exceptions:
                return f"stop list after {base[0]}+"
        return ""


def _has_madda(written: str) -> bool:
    return ALEF_MADDA in written or HAMZA + ALEF in written


def load_stop_words(folder: Path) -> StopWords:
    """Return the shipped stop words.

    Raises:
        OSError: the file is missing or cannot be read.
    """
    entries = read_list(folder / "stopwords.txt")
    exceptions = frozenset(entry[1:] for entry in entries if entry.startswith("-"))
    return StopWords(frozenset(entry for entry in entries if not entry.startswith("-")), exceptions)
