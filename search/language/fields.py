"""What readers call the fields: data/fields.csv has the label of each, and the names that may stand before a colon.

The fields that are none of an article are named here.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from index.schema import PUBLISHED, FacetField, IncompleteFieldError

LEAD = "lead"
"""The first words of the body."""
ROOT = "root"
"""A root instead of a word."""
NEAR = "near"
"""The distance of the words between the quotes before it."""

FILTERS = (*(field.value for field in FacetField), PUBLISHED)
"""The fields that have values instead of words."""


@cache
def field_names() -> Mapping[str, str]:
    """Return the names that a reader may put before a colon, with the field each stands for."""
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


@cache
def _rows() -> Mapping[str, Mapping[str, str]]:
    rows = csv.DictReader(files("search").joinpath("data/fields.csv").read_text("utf-8").splitlines())
    return {row["field"]: row for row in rows}
