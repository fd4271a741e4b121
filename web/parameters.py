"""The table of request parameters: parsing, addresses, hidden inputs and options of the command line come from it.

A new parameter is a row here, and its use in `web.parsing` or in an answer.
"""

from __future__ import annotations

from collections.abc import Callable

from index.schema import LADDER, FacetField
from search.request import COUNTED_FACETS, FORM, MAX_DEPTH, MAX_QUERY_LENGTH, Sort
from web.kinds import HIT_FIELDS, Choice, Day, Edge, Keys, Number, Parameters, Part, Row, Switch, Text, Values

MAX_TEXT_LENGTH = 1000
"""Longest text to analyze in code points, about a paragraph."""
FACETS = (*(field.value for field in FacetField), FORM)
"""Facets with values to select, and as `not_…` to exclude."""


def _selected(field: FacetField) -> Callable[[Parameters], tuple[str, ...]]:
    return lambda asked: asked.request.selected.get(field, ())


def _excluded(field: FacetField) -> Callable[[Parameters], tuple[str, ...]]:
    return lambda asked: asked.request.excluded.get(field, ())


Q = Text(
    name="q",
    doc="The words and operators of the query.",
    highest=MAX_QUERY_LENGTH,
    of=lambda asked: asked.request.text,
    option=False,
)
MATCH = Choice(
    name="match",
    doc="The widest level that is counted; lemma if not given.",
    choices={level.value: level for level in LADDER},
    of=lambda asked: asked.request.match,
)
VARIANTS = Switch(
    name="variants",
    doc="Whether other spellings of foreign names count.",
    of=lambda asked: asked.request.variants,
    hidden=True,
)
SELECTED = {
    field: Values(name=field.value, doc="One of these ('-': unknown).", of=_selected(field)) for field in FacetField
}
EXCLUDED = {
    field: Values(name=f"not_{field.value}", doc="None of these.", of=_excluded(field), hidden=True)
    for field in FacetField
}
FORMS = Values(
    name=FORM, doc="A word is found as one of these.", metavar="FORM", of=lambda asked: asked.request.forms, hidden=True
)
DROPPED_FORMS = Values(
    name=f"not_{FORM}",
    doc="Words are not found as these.",
    metavar="FORM",
    of=lambda asked: asked.request.dropped_forms,
    hidden=True,
)
FROM = Day(
    name="from",
    doc="From this day, month or year on (2024-03-01, 2024-03, 2024).",
    edge=Edge.FIRST,
    of=lambda asked: asked.request.dates.first,
)
TO = Day(name="to", doc="Up to this day, month or year.", edge=Edge.LAST, of=lambda asked: asked.request.dates.last)
DATE = Choice(
    name="date", doc="Articles without a date.", choices={"unknown": True}, of=lambda asked: asked.request.dates.unknown
)
SORT = Choice(
    name="sort",
    doc="Order of the results.",
    choices={sort.value: sort for sort in Sort},
    of=lambda asked: asked.request.sort,
    hidden=True,
)
BOOST = Choice(
    name="boost",
    doc="Let newer articles gain.",
    choices={"recency": True},
    of=lambda asked: asked.request.recency,
    hidden=True,
)
PAGE = Number(name="page", doc="Page of the results.", highest=MAX_DEPTH, of=lambda asked: asked.request.page)
PER_PAGE = Number(
    name="per_page",
    doc="Results on a page, 0 (counts alone) to 100.",
    lowest=0,
    highest=100,
    of=lambda asked: asked.request.per_page,
    hidden=True,
)
FURTHER = Switch(
    name="further",
    doc="Whether articles that are not counted follow the matches.",
    of=lambda asked: asked.request.further,
    hidden=True,
)
COUNTED = Part(
    name="facets",
    doc="Facets to count, with commas; empty: none.",
    keys=COUNTED_FACETS,
    empties=True,
    of=lambda asked: asked.request.facets,
    hidden=True,
)
FIELDS = Part(
    name="fields",
    doc="Keys of a result in the JSON, with commas.",
    keys=HIT_FIELDS,
    of=lambda asked: asked.fields,
)
EXTRA = Keys(
    name="extra",
    doc="More in the JSON: evidence, explain, positions.",
    keys=("evidence", "explain", "positions"),
    of=lambda asked: asked.extra,
)
STORIES = Switch(name="stories", doc="Reserved for a later version.", of=lambda asked: asked.stories, option=False)
SECOND_TRY = Switch(
    name="second_try",
    doc="Whether close spellings are tried when nothing fits.",
    of=lambda asked: asked.request.second_try,
    hidden=True,
)
# no parts of a search: the one belongs to the search within a facet, the other to the analysis
PREFIX = Text(
    name="prefix",
    doc="What names of the values of a facet contain.",
    highest=MAX_QUERY_LENGTH,
    of=lambda _: "",
    option=False,
)
TEXT = Text(
    name="text",
    doc="The text to analyze.",
    highest=MAX_TEXT_LENGTH,
    refusal=("value-too-long", "Text too long", "النص"),
    of=lambda _: "",
    option=False,
)

FILTERS: tuple[Values, ...] = (
    *(row for field in FacetField for row in (SELECTED[field], EXCLUDED[field])),
    FORMS,
    DROPPED_FORMS,
)
"""Values of facets to select and to exclude, each facet's rows side by side."""
SEARCH: tuple[Row, ...] = (
    Q, MATCH, VARIANTS, *FILTERS, FROM, TO, DATE, SORT, BOOST, FURTHER, PAGE, PER_PAGE, COUNTED, FIELDS, EXTRA, STORIES,
    SECOND_TRY,
)  # fmt: skip
"""The parameters of a search, in the order of the canonical address."""
