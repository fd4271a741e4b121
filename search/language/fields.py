"""The names of the fields in the query language, and the special fields that no article has.

`data/fields.csv` has the label of each field, and the names that may stand before a colon.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from index.schema import PUBLISHED, FacetField, IncompleteFieldError

LEAD = "lead"
"""Special field: the first words of the body."""
ROOT = "root"
"""Special field: a root instead of a word."""
NEAR = "near"
"""Special field: the maximum distance of the words in the quotes before it."""

FILTERS = (*(field.value for field in FacetField), PUBLISHED)
"""The fields that have values instead of words: facets and the date."""


@cache
def field_names() -> Mapping[str, str]:
    """Return the field by each name that a query may have before a colon."""
    return {name: field for field, row in _rows().items() for name in row["names"].split()}


def label_of(facet: str) -> str:
    """Return the Arabic name that readers are shown for a facet.

    Raises:
        IncompleteFieldError: it has none.
    """
    label = _rows().get(facet, {}).get("label")
    if not label:
        raise IncompleteFieldError(f'facet "{facet}" has no label; add its row to search/data/fields.csv')
    return label


def typed_name(field: str) -> str:
    """Return the first name that a query may have before a colon for a field; the field itself if it has none."""
    return next(iter(_rows().get(field, {}).get("names", "").split()), field)


@cache
def _rows() -> Mapping[str, Mapping[str, str]]:
    rows = csv.DictReader(files("search").joinpath("data/fields.csv").read_text("utf-8").splitlines())
    return {row["field"]: row for row in rows}
