"""Generates the parts of the docs that list fields, from the tables of fields.

    python -m scripts.reference

A page marks a generated part with `<!-- facets -->` (the name of one of `BLOCKS`) before it and `<!-- end -->` after
it. A test checks that the pages agree with the tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from index.schema import ARTICLE_FIELDS, FACETS, NAME_FIELDS, FacetField
from search.language.fields import field_names, label_of

ROOT = Path(__file__).resolve().parents[1]
_MARKED = re.compile(r"(<!-- ([a-z ]+) -->).*?(<!-- end -->)", re.DOTALL)


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(*rows: tuple[str, ...]) -> str:
    lines = [f"| {' | '.join(cell or '–' for cell in row)} |" for row in rows]
    return "\n".join(["\n", lines[0], "|---" * len(rows[0]) + "|", *lines[1:], "\n"])


def _keys() -> Iterator[str]:
    for field in ARTICLE_FIELDS:
        for number, key in enumerate(field.keys):
            yield f"(or `{key}`)" if number else f"`{key}`"


def _query_names() -> dict[str, str]:
    """Return the names of fields in queries (`name:`), by field."""
    names_by_field: dict[str, list[str]] = {}
    for name, field in field_names().items():
        names_by_field.setdefault(field, []).append(f"`{name}:`")
    return {field: " ".join(names) for field, names in names_by_field.items()}


BLOCKS = {
    "fields": _table(
        ("field", "holds", "given as"),
        *((f"`{field.name}`", field.doc, _code(field.keys)) for field in ARTICLE_FIELDS),
    ),
    "facet table": _table(
        ("facet", "on the page", "values of an article"),
        *((f"`{facet}`", label_of(facet), "any number" if FACETS[facet].several else "one") for facet in FacetField),
    ),
    "facets": _code(FacetField),
    "excluded facets": _code(f"not_{facet}" for facet in FacetField),
    "options": _code(f"--{facet}" for facet in FacetField),
    "excluded options": _code(f"--not-{facet}" for facet in FacetField),
    "names": _code(NAME_FIELDS.values()),
    "keys": ", ".join(_keys()).replace(", (", " ("),
    "typed names": _table(("field", "names"), *_query_names().items()),
    "typed names in arabic": _table(
        ("الحقل", "أسماؤه"), *((label_of(field), names) for field, names in _query_names().items())
    ),
}
"""The generated parts by name."""


def regenerated(page: str) -> str:
    """Return the text of a page with its marked parts generated again.

    Raises:
        KeyError: a mark has a name that is not in `BLOCKS`.
    """
    return _MARKED.sub(lambda mark: f"{mark[1]}{BLOCKS[mark[2]]}{mark[3]}", page)


def marked_pages() -> list[Path]:
    """Return the paths of the pages with marked parts."""
    return [page for page in sorted(ROOT.glob("docs/**/*.md")) if _MARKED.search(page.read_text("utf-8"))]


if __name__ == "__main__":
    for path in marked_pages():
        path.write_text(regenerated(path.read_text("utf-8")), "utf-8")
