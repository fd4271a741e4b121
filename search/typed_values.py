"""The values of fields that a query names, as the index has them: «القسم:رياضه» means the section رياضة.

A value is typed as words are, without care for hamza, endings, harakat, case or spaces. It stands for every value of
its field that folds to the same letters. The values of a field are read from the index once for each of its states.
"""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Callable, Mapping

from index.schema import FacetField
from search.engine import CountRequest, EngineRequest, FacetRequest, Listing, Searcher
from search.language.fields import typed_name
from search.language.limits import MAX_NOTES
from search.language.values import folded_value
from search.parser import ParsedQuery
from search.query import FacetFilter, MatchAll, Node, map_children
from search.results import Note, NoteKind

MOST_VALUES = 1_000_000
"""Values of a field that are compared, the most frequent first; one beyond them has to be typed as the index has it."""
KEPT = 2 * len(FacetField)
"""Tables of values that are kept: those of all fields, for two generations."""

_Table = Mapping[str, tuple[str, ...]]
"""The values of a field by their folded letters."""


class TypedValues:
    """Replaces typed values by those of the index. Safe to share among threads: at worst a table is read twice."""

    def __init__(self, fold: Callable[[str], str], labels: Mapping[str, str]) -> None:
        """Compare values by `fold`; `labels` are the names of sources by id."""
        self._fold = fold
        self._labels = labels
        self._tables: OrderedDict[tuple[str, FacetField], _Table] = OrderedDict()

    def resolved(self, parsed: ParsedQuery, searcher: Searcher) -> ParsedQuery:
        """Return the query with the values that the index has, and a note on each value that no article has.

        Raises:
            SearchTimeoutError: the deadline of the request has passed.
        """
        known: dict[str, bool] = {}
        """Whether an article has it, by the value as a query has it."""

        def change(node: Node) -> Node:
            if not isinstance(node, FacetFilter):
                return map_children(node, change)
            table = self._table(node.field, searcher)
            values: dict[str, None] = {}
            for typed in node.values:
                found = table.get(folded_value(self._fold, typed), ())
                name = self._as_typed(node.field, typed)
                known[name] = known.get(name, False) or bool(found)
                values |= dict.fromkeys(found or (typed,))
            return FacetFilter(node.field, tuple(values))

        query = change(parsed.query)
        partial = None if parsed.partial is None else change(parsed.partial)
        notes = (Note(NoteKind.UNKNOWN_VALUE, name) for name, has_articles in known.items() if not has_articles)
        return dataclasses.replace(parsed, query=query, partial=partial, notes=(*parsed.notes, *notes)[:MAX_NOTES])

    def _as_typed(self, field: FacetField, value: str) -> str:
        name = self._labels.get(value, value) if field is FacetField.SOURCE else value
        return f"{typed_name(field)}:{name}"

    def _table(self, field: FacetField, searcher: Searcher) -> _Table:
        key = searcher.info().generation, field
        table = self._tables.get(key)
        if table is None:
            table = self._tables[key] = self._read(field, searcher)
            while len(self._tables) > KEPT:
                self._tables.popitem(last=False)
        return table

    def _read(self, field: FacetField, searcher: Searcher) -> _Table:
        counts = CountRequest(facets=(FacetRequest(field, MOST_VALUES),))
        (facet,) = searcher.search(EngineRequest(Listing(MatchAll()), counts, limit=0)).facets
        table: dict[str, tuple[str, ...]] = {}
        for counted in facet.values:
            label = self._labels.get(counted.value, "") if field is FacetField.SOURCE else ""
            for folded in {folded_value(self._fold, name) for name in (counted.value, label) if name}:
                table[folded] = (*table.get(folded, ()), counted.value)
        return table
