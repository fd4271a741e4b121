"""The words of the query language: names of fields and operators, in any spelling."""

from __future__ import annotations

from collections.abc import Callable

from search.language.fields import field_names
from search.language.operators import Operators


class Vocabulary:
    """Knows the words by their folded letters; made once, shared by all queries."""

    def __init__(self, fold: Callable[[str], str]) -> None:
        self._fold = fold
        self._fields = {fold(name): field for name, field in field_names().items()}
        self.operators = Operators(fold)

    def field(self, name: str) -> str | None:
        """Return the field that a name before a colon stands for, or None."""
        return self._fields.get(self._fold(name))
