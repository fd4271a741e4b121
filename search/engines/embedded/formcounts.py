"""The form facet: the number of matches that have each form of the words of a query.

A form is the folded letters of a word. The index has one word for each spelling and set of readings, so that one form
may be several words; a document that has two of them is counted once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from index.engines.embedded.checked import Array
from index.schema import Level, Section
from search import deadline
from search.engine import FormCount, FormCounts, Listing
from search.engines.embedded.executor import Executor
from search.engines.embedded.forms import words_with_forms
from search.engines.embedded.postings import changes, read_documents
from search.engines.embedded.snapshot import Mask, Numbers
from search.engines.embedded.surfaces import Surfaces
from search.facet_counts import form_counts
from search.forms import LEVELS, Forms
from search.query import Node, Prefix, Term
from search.ranking_stages import counted_forms
from search.wordforms import content_words

_COUNT_BITS = 40
"""Bits of a number of documents."""


@dataclasses.dataclass(frozen=True, slots=True)
class _FormPostings:
    """The documents of all forms of one word of a query, index word by index word."""

    forms: Forms
    """The index words; an index into `forms.words` names one of them below."""
    surfaces: Numbers
    """Number of each form in `Surfaces`, ascending, shape (forms,)."""
    form_of: Numbers
    """For each index word the index of its form in `surfaces`, shape (words,)."""
    by_form: Numbers
    """The indices of the index words in the order of their forms, shape (words,)."""
    form_starts: Numbers
    """Index in `by_form` at which the words of each form begin, and the end of the last, shape (forms + 1,)."""
    documents: Array
    """Document numbers (int32) in runs, one run for each index word."""
    starts: Numbers
    """Index in `documents` at which each run begins, shape (runs,)."""
    words: Numbers
    """For each run the index of its index word, shape (runs,)."""
    repeated: Array
    """Document numbers, once for each repeated occurrence of a form as another word, shape (repetitions,)."""
    repeated_forms: Numbers
    """For each of `repeated` the index of the form in `surfaces`."""

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        arrays = (
            self.surfaces, self.form_of, self.by_form, self.form_starts, self.documents, self.starts, self.words,
            self.repeated, self.repeated_forms,
        )  # fmt: skip
        return self.forms.nbytes + sum(array.nbytes for array in arrays)


class FormCounter:
    """Counts forms over one snapshot; caches everything that does not depend on filters."""

    def __init__(self, executor: Executor, surfaces: Surfaces) -> None:
        self._executor = executor
        self._snapshot = executor.snapshot
        self._surfaces = surfaces

    def having(self, query: Node, forms: Sequence[str]) -> Mask:
        """Return in which documents a word of the query matches one of `forms` (folded), bool of shape (documents,)."""
        mask = np.zeros(self._snapshot.size, bool)
        wanted = words_with_forms(self._snapshot.generation, forms)
        for word in content_words(query):
            mask |= self._executor.having_any_form(word, self._executor.forms(word).only(wanted))
        return mask

    def counts(self, listing: Listing, documents: Numbers, limit: int) -> FormCounts:
        """Return `limit` forms of the words of a listing that `documents` have; the rest is counted."""
        inside = np.zeros(self._snapshot.size, bool)
        inside[documents] = True
        by_word: list[list[FormCount]] = []
        total = 0
        for word in content_words(listing.query):
            deadline.check()
            found = _Found(self._form_postings(word, listing.match), inside)
            by_word.append(self._first(found, word.word, limit))
            total += found.total
        return form_counts(by_word, total, limit)

    def _form_postings(self, word: Term | Prefix, match: Level) -> _FormPostings:
        """Return the documents of the forms of a word at the levels that `match` counts."""

        def make() -> _FormPostings:
            return self._read(counted_forms(self._executor.forms, match)(word), word.sections, word.within)

        return self._snapshot.cache.get(("form postings", word, match), _FormPostings, make)

    def _read(self, forms: Forms, sections: Sequence[Section], within: int | None) -> _FormPostings:
        documents, indices = read_documents(self._snapshot, forms, sections, within)
        size = max(self._snapshot.size, 1)
        if within is not None:
            indices, documents = np.divmod(np.unique(indices * size + documents), size)
        surfaces, form_of = np.unique(self._surfaces.numbers(forms.words), return_inverse=True)
        starts = np.flatnonzero(changes(indices)) if len(indices) else indices
        sizes = np.bincount(form_of, minlength=len(surfaces))
        shared = (sizes > 1)[form_of][indices]
        repeated = _repeated(documents, form_of[indices], shared, size)
        return _FormPostings(
            forms=forms,
            surfaces=surfaces,
            form_of=form_of,
            by_form=np.argsort(form_of, kind="stable"),
            form_starts=np.concatenate([[0], np.cumsum(sizes)]),
            documents=documents.astype(np.int32),
            starts=starts,
            words=indices[starts],
            repeated=repeated % size,
            repeated_forms=repeated // size,
        )

    def _first(self, found: _Found, word: int, limit: int) -> list[FormCount]:
        """Return the first `limit` forms of a word: the closest level first, then by count, ties by letters."""
        text, written, postings = self._surfaces.text, self._surfaces.written, found.postings
        rows = [(*row, text(int(postings.surfaces[row[0]]))) for row in found.first(limit)]
        rows.sort(key=lambda row: (row[1], -row[2], row[3]))
        counted = []
        for form, level, count, letters in rows[:limit]:
            own = postings.by_form[postings.form_starts[form] : postings.form_starts[form + 1]]
            most = found.by_word[own].max()
            numbers = postings.forms.words[own[found.by_word[own] == most]].tolist()
            counted.append(FormCount(word, letters, min(map(written, numbers)), LEVELS[level], count))
        return counted


class _Found:
    """The forms of one word of a query in some documents."""

    def __init__(self, postings: _FormPostings, inside: Mask) -> None:
        """Count the documents that `inside` says."""
        self.postings = postings
        words, forms = len(postings.forms.words), len(postings.surfaces)
        by_run = np.zeros(0, np.int64)
        if len(postings.starts):
            by_run = np.add.reduceat(inside[postings.documents], postings.starts, dtype=np.int64)
        self.by_word = np.bincount(postings.words, by_run, minlength=words).astype(np.int64)
        """Number of documents of each index word."""
        self._by_form = np.bincount(postings.form_of, self.by_word, minlength=forms).astype(np.int64)
        if len(postings.repeated):
            counted_twice = postings.repeated_forms[inside[postings.repeated]]
            self._by_form -= np.bincount(counted_twice, minlength=forms)
        self.total = int(np.count_nonzero(self._by_form))
        """Number of forms."""

    def first(self, limit: int) -> Iterator[tuple[int, int, int]]:
        """Yield index, closeness and count of the first `limit` forms, and of all that equal the last of them."""
        present = np.flatnonzero(self.by_word)
        levels = np.full(len(self._by_form), len(LEVELS), np.int64)
        np.minimum.at(levels, self.postings.form_of[present], self.postings.forms.levels[present])
        forms = np.flatnonzero(self._by_form)
        keys = (levels[forms] << _COUNT_BITS) - self._by_form[forms]
        if len(forms) > limit > 0:
            forms = forms[keys <= np.partition(keys, limit - 1)[limit - 1]]
        for form in forms.tolist():
            yield form, int(levels[form]), int(self._by_form[form])


def _repeated(documents: Numbers, forms: Numbers, shared: Mask, size: int) -> Numbers:
    """Return `form * size + document` for each occurrence after the first of a form in a document, as another word.

    The arrays have one element for each posting; `shared` says whether its form has several words.
    """
    pairs = np.sort(forms[shared] * size + documents[shared])
    repeated: Numbers = pairs[1:][pairs[1:] == pairs[:-1]]
    return repeated
