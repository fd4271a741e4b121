"""Lexemes: the pieces that a query text falls into, and the signs that each carries."""

from __future__ import annotations

import dataclasses
import enum


class Sign(enum.StrEnum):
    """What stands directly before a piece."""

    NONE = ""
    EXCLUDED = "-"
    REQUIRED = "+"


class Operator(enum.Enum):
    """What a word between or before pieces may ask for, where it stands in the place of an operator."""

    AND = enum.auto()
    OR = enum.auto()
    NOT = enum.auto()


@dataclasses.dataclass(frozen=True, slots=True)
class Piece:
    """A word, whatever clings to it without a space, or what stands between quotes."""

    text: str
    """Without quotes, signs and field name."""
    position: int
    quoted: bool = False
    sign: Sign = Sign.NONE
    field: str | None = None
    """Of the fields in fields.csv; its own or that of its parentheses."""
    inherited: bool = False
    """Whether the field is that of its parentheses."""
    written: bool = False
    """Whether `=` asks for the letters as they are written."""
    count: int | None = None
    """How often it must stand in an article."""
    slop: int | None = None
    """How many other words may stand among those between the quotes; None for a phrase."""
    operator: Operator | None = None
    """What it asks for if it stands in the place of an operator."""

    @property
    def bare(self) -> bool:
        """Whether it is nothing but a word: no quotes, no sign, no field of its own."""
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
