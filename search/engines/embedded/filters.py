"""The filters of a listing, as masks over all documents."""

from __future__ import annotations

import numpy as np

from search.engine import Listing
from search.engines.embedded.executor import Executor
from search.engines.embedded.snapshot import Mask

DATES, FORMS = "days", "forms"
"""Names of the facets that have no column of values."""


class Filters:
    """The filters of a listing as masks over all documents; None if there are no filters."""

    def __init__(self, executor: Executor, listing: Listing, having_forms: Mask | None) -> None:
        self._base = [~executor.having(node) for node in listing.excluded]
        self._selected: dict[str, Mask] = {node.field: executor.having(node) for node in listing.selected}
        if listing.dates is not None:
            self._selected[DATES] = executor.published(listing.dates)
        if having_forms is not None:
            self._selected[FORMS] = having_forms
        self.all = self._joined(ignored=None)
        """The documents that pass every filter."""

    def except_facet(self, facet: str) -> Mask | None:
        """Return the documents that pass every filter except the selection of `facet`: a field, the days or forms."""
        return self._joined(ignored=facet) if facet in self._selected else self.all

    def _joined(self, *, ignored: str | None) -> Mask | None:
        masks = [*self._base, *(mask for name, mask in self._selected.items() if name != ignored)]
        return np.logical_and.reduce(masks) if masks else None
