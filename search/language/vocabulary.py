"""The words of the query language: names of fields, operators and interrogatives, compared folded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from search.language.fields import field_names
from search.language.operators import Operators

QUESTION_MARKS = ("؟", "?")
_INTERROGATIVES = Path(__file__).parents[1] / "data" / "interrogatives.txt"
"""Interrogatives that make a query a question as its first word. «من» is not among them: it more often means "from"."""


class Vocabulary:
    """Looks up words by their folded letters. Safe to share among threads."""

    def __init__(self, fold: Callable[[str], str]) -> None:
        self._fold = fold
        self._fields = {fold(name): field for name, field in field_names().items()}
        self.operators = Operators(fold)
        self._interrogatives = {fold(word) for word in _interrogatives()}

    def field(self, name: str) -> str | None:
        """Return the field of a name before a colon, or None."""
        return self._fields.get(self._fold(name))

    def is_question(self, text: str) -> bool:
        """Return whether a query is a question: it ends with a question mark, or begins with an interrogative."""
        words = text.split()
        return bool(words) and (words[-1].endswith(QUESTION_MARKS) or self._fold(words[0]) in self._interrogatives)


def _interrogatives() -> list[str]:
    return _INTERROGATIVES.read_text("utf-8").split()
