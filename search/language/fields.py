"""The names that a reader may put before a colon: data/fields.csv, and what of it is no field of an article."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from index.schema import PUBLISHED, FacetField

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
    rows = csv.DictReader(files("search").joinpath("data/fields.csv").read_text("utf-8").splitlines())
    return {row["name"]: row["field"] for row in rows}
