"""The form facet: the number of matches that have each form of the words of a query.

A form is the folded letters of a word. The index has one word for each spelling and set of readings, so that one form
may be several words; a document that has two of them is counted once.
"""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Iterator, Sequence

import numpy as np

from index.engines.embedded.checked import Array
from index.schema import Section
from search import deadline
from search.engine import FormCount, FormCounts
from search.engines.embedded.executor import Executor
from search.engines.embedded.forms import words_with_forms
from search.engines.embedded.postings import changes, read_documents
from search.engines.embedded.snapshot import Mask, Numbers
from search.engines.embedded.surfaces import Surfaces
from search.forms import LEVELS, Forms, merged
from search.query import Node, Prefix, Term
from search.wordforms import content_words


@dataclasses.dataclass(frozen=True, slots=True)
class _FormPostings:
    """The documents of all words that a query may match, word by word, and the form of each word."""

    forms: Forms
    """The words; an index into `forms.words` names one of them below."""
    surfaces: Numbers
    """Number of each form in `Surfaces`, ascending, shape (forms,)."""
    form_of: Numbers
    """For each word the index of its form in `surfaces`, shape (words,)."""
    documents: Array
    """Document numbers (int32) in runs, one run for each word."""
    starts: Numbers
    """Index in `documents` at which each run begins, shape (runs,)."""
    words: Numbers
    """For each run the index of its word, shape (runs,)."""
    repeated: Array
    """Document numbers, once for each repeated occurrence of a form as another word, shape (repetitions,)."""
    repeated_forms: Numbers
    """For each of `repeated` the index of the form in `surfaces`."""

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        arrays = (
            self.surfaces, self.form_of, self.documents, self.starts, self.words, self.repeated, self.repeated_forms
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
            selected = self._executor.forms(word).only(wanted)
            documents, _ = read_documents(self._snapshot, selected, word.sections, word.within)
            mask[documents] = True
        return mask & self._snapshot.all_live

    def counts(self, query: Node, documents: Numbers, limit: int) -> FormCounts:
        """Return the `limit` forms of words of `query` that most of `documents` have; the rest is counted."""
        words = tuple(content_words(query))
        if not words or not len(documents):
            return FormCounts((), 0)
        form_postings = self._snapshot.cache.get(
            ("form postings", words), _FormPostings, lambda: self._form_postings(words)
        )
        if not len(form_postings.starts):
            return FormCounts((), 0)
        deadline.check()
        inside = np.zeros(self._snapshot.size, bool)
        inside[documents] = True
        by_run = np.add.reduceat(inside[form_postings.documents], form_postings.starts, dtype=np.int64)
        by_word = np.bincount(form_postings.words, by_run, minlength=len(form_postings.forms.words)).astype(np.int64)
        by_form = np.bincount(form_postings.form_of, by_word, minlength=len(form_postings.surfaces)).astype(np.int64)
        if len(form_postings.repeated):
            counted_twice = form_postings.repeated_forms[inside[form_postings.repeated]]
            by_form -= np.bincount(counted_twice, minlength=len(by_form))
        chosen = self._most_frequent(form_postings, by_form, limit)
        listed = tuple(self._form_counts(form_postings, by_word, chosen))
        return FormCounts(listed, int(np.count_nonzero(by_form)) - len(listed))

    def _form_postings(self, words: Sequence[Term | Prefix]) -> _FormPostings:
        """Return the documents of all forms of `words`; postings that several words share are read once."""
        groups: dict[tuple[tuple[Section, ...], int | None], list[Forms]] = {}
        for word in words:
            groups.setdefault((word.sections, word.within), []).append(self._executor.forms(word))
        by_scope = {scope: merged(parts) for scope, parts in groups.items()}
        forms = merged(list(by_scope.values()))
        columns = []
        for (sections, within), in_scope in by_scope.items():
            deadline.check()
            documents, indices = read_documents(self._snapshot, in_scope, sections, within)
            if in_scope is not forms:
                indices = forms.words.searchsorted(in_scope.words)[indices]
            columns.append((documents, indices))
        documents, indices = (np.concatenate(column) for column in zip(*columns, strict=True))
        size = max(self._snapshot.size, 1)
        if len(by_scope) > 1 or any(within is not None for _, within in by_scope):
            indices, documents = np.divmod(np.unique(indices * size + documents), size)
        surfaces, form_of = np.unique(self._surfaces.numbers(forms.words), return_inverse=True)
        starts = np.flatnonzero(changes(indices)) if len(indices) else indices
        shared = (np.bincount(form_of) > 1)[form_of][indices]
        repeated = _repeated(documents, form_of[indices], shared, size)
        return _FormPostings(
            forms=forms,
            surfaces=surfaces,
            form_of=form_of,
            documents=documents.astype(np.int32),
            starts=starts,
            words=indices[starts],
            repeated=repeated % size,
            repeated_forms=repeated // size,
        )

    def _most_frequent(self, form_postings: _FormPostings, by_form: Numbers, limit: int) -> list[tuple[int, str, int]]:
        """Return index, letters and count of the `limit` forms that most documents have, ties by their letters."""
        present = np.flatnonzero(by_form)
        if len(present) > limit:
            counts = by_form[present]
            least = np.partition(counts, len(counts) - limit)[len(counts) - limit] if limit else counts.max() + 1
            present = present[counts >= least]
        text = self._surfaces.text
        counted = zip(
            present.tolist(),
            map(text, form_postings.surfaces[present].tolist()),
            by_form[present].tolist(),
            strict=True,
        )
        return heapq.nsmallest(limit, counted, key=lambda form: (-form[2], form[1]))

    def _form_counts(
        self, form_postings: _FormPostings, by_word: Numbers, chosen: Sequence[tuple[int, str, int]]
    ) -> Iterator[FormCount]:
        """Yield the chosen forms (index, letters, count), each in the spelling that most documents have."""
        wanted = np.zeros(len(form_postings.surfaces), bool)
        wanted[[form for form, _, _ in chosen]] = True
        indices = np.flatnonzero(wanted[form_postings.form_of] & (by_word > 0))
        by_form: dict[int, list[tuple[int, int, int]]] = {form: [] for form, _, _ in chosen}
        for form, documents, word, level in zip(
            form_postings.form_of[indices].tolist(),
            by_word[indices].tolist(),
            form_postings.forms.words[indices].tolist(),
            form_postings.forms.levels[indices].tolist(),
            strict=True,
        ):
            by_form[form].append((documents, word, level))
        written = self._surfaces.written
        for form, letters, count in chosen:
            words = by_form[form]
            if len(words) == 1:
                ((_, word, level),) = words
                yield FormCount(letters, written(word), LEVELS[level], count)
            else:
                most = max(words)[0]
                spelling = min(written(word) for documents, word, _ in words if documents == most)
                yield FormCount(letters, spelling, LEVELS[min(level for _, _, level in words)], count)


def _repeated(documents: Numbers, forms: Numbers, shared: Mask, size: int) -> Numbers:
    """Return `form * size + document` for each occurrence after the first of a form in a document, as another word.

    The arrays have one element for each posting; `shared` says whether its form has several words.
    """
    pairs = np.sort(forms[shared] * size + documents[shared])
    repeated: Numbers = pairs[1:][pairs[1:] == pairs[:-1]]
    return repeated
