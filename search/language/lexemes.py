"""Lexemes: the pieces and parentheses of a query text, with the signs before them."""

from __future__ import annotations

import dataclasses
import enum


class Sign(enum.StrEnum):
    """The sign directly before a piece."""

    NONE = ""
    EXCLUDED = "-"
    REQUIRED = "+"


class Operator(enum.Enum):
    """The meaning of a word that is used as an operator."""

    AND = enum.auto()
    OR = enum.auto()
    NOT = enum.auto()


@dataclasses.dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters without spaces, or a text in quotes."""

    text: str
    """Without quotes, signs and field name."""
    position: int
    """Offset of its first sign or character, in code points."""
    quoted: bool = False
    sign: Sign = Sign.NONE
    field: str | None = None
    """One of the fields in fields.csv, its own or that of the parentheses around it."""
    inherited: bool = False
    """Whether the field is that of the parentheses."""
    written: bool = False
    """Whether `=` requires the letters as they are written."""
    count: int | None = None
    """Minimum number of occurrences in an article."""
    slop: int | None = None
    """Number of other words allowed among those in the quotes; None for a phrase."""
    operator: Operator | None = None
    """Its meaning if it is used as an operator; None if it never is one."""

    @property
    def bare(self) -> bool:
        """Whether it is only a word: no quotes, no sign, no field of its own."""
        own = self.field is not None and not self.inherited
        return not (self.quoted or self.sign or own or self.written or self.count)


@dataclasses.dataclass(frozen=True, slots=True)
class Open:
    """An opening parenthesis."""

    position: int
    sign: Sign = Sign.NONE
    field: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Close:
    """A closing parenthesis."""

    position: int


Lexeme = Piece | Open | Close
