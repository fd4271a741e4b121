"""The words of the query language: names of fields and operators, in any spelling."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from search.language.fields import field_names
from search.language.operators import Operators

QUESTION_MARKS = ("؟", "?")
_INTERROGATIVES = Path(__file__).parents[1] / "data" / "interrogatives.txt"
"""Words that ask where they stand first; «من» is not among them, which means «from» more often."""


class Vocabulary:
    """Knows the words by their folded letters; made once, shared by all queries."""

    def __init__(self, fold: Callable[[str], str]) -> None:
        self._fold = fold
        self._fields = {fold(name): field for name, field in field_names().items()}
        self.operators = Operators(fold)
        self._interrogatives = {fold(word) for word in _interrogatives()}

    def field(self, name: str) -> str | None:
        """Return the field that a name before a colon stands for, or None."""
        return self._fields.get(self._fold(name))

    def asks(self, text: str) -> bool:
        """Return whether a query is a question: it ends with a question mark, or begins with a word that asks."""
        words = text.split()
        return bool(words) and (words[-1].endswith(QUESTION_MARKS) or self._fold(words[0]) in self._interrogatives)


def _interrogatives() -> list[str]:
    return _INTERROGATIVES.read_text("utf-8").split()
