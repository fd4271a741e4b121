"""The field names of the query language (data/fields.csv), and the special fields that no article has."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from index.schema import PUBLISHED, FacetField

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
    rows = csv.DictReader(files("search").joinpath("data/fields.csv").read_text("utf-8").splitlines())
    return {row["name"]: row["field"] for row in rows}
