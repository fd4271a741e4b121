"""The fields of an article as its file gives them, and the only code that maps a file's keys to them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Self

from index.schema import ARTICLE_FIELDS, NAME_FIELDS, FacetField, IncompleteFieldError
from index.sources.bases import DATE_BASIS, Provenance, provenance_in

_GIVEN = tuple(field for field in ARTICLE_FIELDS if field.keys)
KEYS = (*(key for field in _GIVEN for key in field.keys), DATE_BASIS)
"""Every key of an article that is read."""

_TYPE_NAMES = {list: "a list", dict: "an object", bool: "true or false", float: "a fraction"}


class WrongTypeError(ValueError):
    """A value has a type that no field accepts; the message names its key."""


@dataclasses.dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one article as its file gives them; empty for missing ones."""

    id: str
    text: str
    title: str = ""
    source: str = ""
    date: str = ""
    names: Mapping[FacetField, str] = dataclasses.field(default_factory=dict)
    """Values by facet of `index.schema.NAME_FIELDS`."""
    url: str = ""
    provenance: Mapping[str, Provenance] = dataclasses.field(default_factory=dict)
    """The basis that the file gives for its values, by `Evidence.field`; other values count as given."""
    title_in_text: bool = False
    """Whether the first line may be the title."""
    line: int = 0
    """First line of the article in the file; 0 if it has none: the file is the article, or a feed."""

    @classmethod
    def from_mapping(cls, values: Mapping[str, object], *, title_in_text: bool = False, line: int = 0) -> Self:
        """Return the fields of an object (keys) or a row (columns); unknown keys are ignored.

        Raises:
            WrongTypeError: a value is neither text nor a whole number nor null.
        """
        given = {field.name: _first(values, field.keys) for field in _GIVEN}
        return cls(
            id=given["id"],
            text=given["text"],
            title=given["title"],
            source=given["source"],
            date=given["published"],
            names={facet: given[name] for facet, name in NAME_FIELDS.items()},
            url=given["url"],
            provenance=provenance_in(text_of(values, DATE_BASIS)),
            title_in_text=title_in_text,
            line=line,
        )


def _check_keys() -> None:
    read = {"id", "text", "title", "source", "published", "url", *NAME_FIELDS.values()}
    for field in _GIVEN:
        if field.name not in read:
            raise IncompleteFieldError(
                f'keys of field "{field.name}" are not read; read them in index/sources/fields.py'
            )


_check_keys()


def _first(values: Mapping[str, object], keys: tuple[str, ...]) -> str:
    for key in keys:
        if text := text_of(values, key):
            return text
    return ""


def text_of(values: Mapping[str, object], key: str) -> str:
    """Return the value of a key as text: empty if missing or null, digits for an integer; raises WrongTypeError."""
    match values.get(key):
        case None:
            return ""
        case str() as text:
            return text
        case bool() | float() | list() | dict() as other:
            raise WrongTypeError(f'field "{key}" is {_TYPE_NAMES[type(other)]}, not a string; correct the line')
        case number:
            return str(number)
