"""Arguments of a request → SearchRequest or a text to analyze, or an error that names the parameter.

The page, the API and the command line take the same parameters. An empty value counts as not given, since a form sends
its empty boxes too. `stories` is accepted although the feature does not exist yet; `story` in the answer is null.
"""

from __future__ import annotations

from collections.abc import Mapping

from index.analysis.arabic.folding import fold
from index.schema import FacetField
from search.language.limits import MAX_FILTERS
from search.request import MAX_DEPTH, DateSelection, SearchRequest
from web import parameters as table
from web.arguments import Arguments, ParameterError, check_length
from web.config import SourceNames
from web.kinds import Parameters, Values

_NAMES = tuple(row.name for row in sorted(table.SEARCH, key=lambda row: row.several))
"""Parameters of a search as errors list them: those that may be given several times come last."""
_PASSAGES = frozenset({"title_html", "title_marks", "snippets"})
"""Keys of a hit that need its passages."""


def parse(query_string: str, names: SourceNames, *, tolerant: bool = False) -> Parameters:
    """Return the parameters of a query string (percent-encoded); `tolerant` ignores tracking parameters of other sites.

    Raises:
        ParameterError: a name or value is unknown, malformed, repeated or too large.
    """
    return _searched(query_string, _NAMES, names, tolerant=tolerant)[0]


def parse_facet(query_string: str, names: SourceNames, *, tolerant: bool = False) -> tuple[Parameters, str]:
    """Return the parameters of a search within a facet, and the `prefix` that its values are searched by.

    Raises:
        ParameterError: as `parse` does.
    """
    parameters, values = _searched(query_string, (*_NAMES, table.PREFIX.name), names, tolerant=tolerant)
    return parameters, table.PREFIX.read(values).strip()


def parse_text(query_string: str, *, tolerant: bool = False) -> str:
    """Return the text to analyze from a query string (percent-encoded), empty if it gives none.

    Raises:
        ParameterError: a name is unknown, or the text is given twice, not UTF-8 or too long.
    """
    return table.TEXT.read(Arguments.of(query_string, (table.TEXT.name,), tolerant=tolerant))


def parameters_of(values: Arguments, names: SourceNames) -> Parameters:
    """Return the parameters of a search that arguments give.

    Raises:
        ParameterError: a value is unknown, malformed, repeated or too large.
    """
    _check_filters(values)
    extra, fields = table.EXTRA.read(values), table.FIELDS.read(values)
    request = SearchRequest(
        text=table.Q.read(values).strip(),
        match=table.MATCH.read(values),
        variants=table.VARIANTS.read(values),
        selected=_filters(table.SELECTED, values, names),
        excluded=_filters(table.EXCLUDED, values, names),
        forms=_forms(table.FORMS, values),
        dropped_forms=_forms(table.DROPPED_FORMS, values),
        dates=_dates(values),
        sort=table.SORT.read(values),
        recency=table.BOOST.read(values),
        further=table.FURTHER.read(values),
        second_try=table.SECOND_TRY.read(values),
        page=table.PAGE.read(values),
        per_page=table.PER_PAGE.read(values),
        facets=table.COUNTED.read(values),
        passages=not _PASSAGES.isdisjoint(fields),
        matched="match" in fields,
        explained="explain" in extra and "explanation" in fields,
        positioned="positions" in extra and "positions" in fields,
    )
    if request.page * request.per_page > MAX_DEPTH:
        raise ParameterError(
            "too-deep",
            "Page out of reach",
            f"لا يصل التصفح إلى أبعد من النتيجة {MAX_DEPTH}؛ ضيّق البحث بمرشّح أو بكلمة أخرى.",
            table.PAGE.name,
        )
    return Parameters(request=request, extra=extra, fields=fields, stories=table.STORIES.read(values))


def _searched(
    query_string: str, known: tuple[str, ...], names: SourceNames, *, tolerant: bool
) -> tuple[Parameters, Arguments]:
    values = Arguments.of(query_string, known, tolerant=tolerant)
    parameters = parameters_of(values, names)
    check_length(query_string)  # last, since the other errors say more
    return parameters, values


def _check_filters(values: Arguments) -> None:
    """Check the number of values: every value of an answer has an address that repeats all of them.

    Raises:
        ParameterError: there are more than `MAX_FILTERS`.
    """
    count = sum(len(row.read(values)) for row in table.FILTERS)
    if count > MAX_FILTERS:
        raise ParameterError(
            "too-many-filters", "Too many filters", f"عدد قيم المرشّحات {count}، والحد الأعلى {MAX_FILTERS}."
        )


def _filters(
    rows: Mapping[FacetField, Values], values: Arguments, names: SourceNames
) -> dict[FacetField, tuple[str, ...]]:
    chosen: dict[FacetField, tuple[str, ...]] = {}
    for field, row in rows.items():
        given = row.read(values)
        if found := set(map(names.id, given) if field is FacetField.SOURCE else given):
            chosen[field] = tuple(sorted(found))
    return chosen


def _forms(row: Values, values: Arguments) -> tuple[str, ...]:
    """Return the forms as they are spelled, of spellings that fold alike the first."""
    return tuple(sorted({fold(value): value for value in reversed(row.read(values))}.values()))


def _dates(values: Arguments) -> DateSelection:
    first, last = table.FROM.read(values), table.TO.read(values)
    if first and last and first > last:
        raise ParameterError(
            "empty-range", "Range ends before it begins", f"نهاية المدة ({last}) قبل بدايتها ({first}).", table.TO.name
        )
    return DateSelection(first, last, table.DATE.read(values))
