"""How many matches have each form that the words of a query are found as."""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Iterator, Sequence

import numpy as np

from index.engines.embedded.arrays import Array
from index.schema import Section
from search.engine import FormCount, FormCounts
from search.engines.embedded.executor import Executor
from search.engines.embedded.forms import words_with_forms
from search.engines.embedded.postings import changes, read_documents
from search.engines.embedded.snapshot import Mask, Numbers
from search.engines.embedded.surfaces import Surfaces
from search.engines.forms import LEVELS, Forms, merged
from search.query import Node, Prefix, Term
from search.wordforms import searched_words


@dataclasses.dataclass(frozen=True, slots=True)
class _FormPostings:
    """The documents of the words that a query may find, word by word, and how words join into forms."""

    forms: Forms
    numbers: Numbers
    """Of each form its number among the surfaces, ascending."""
    form_of: Numbers
    """Place in `numbers` of each of `forms.words`."""
    documents: Array
    """Documents (int32) in runs, each of one word."""
    starts: Numbers
    """Where each run begins."""
    words: Numbers
    """Place in `forms.words` of the word of each run."""
    again: Array
    """Documents in which a form has been counted already: two spellings of it stand there."""
    again_forms: Numbers
    """Place in `numbers` of that form."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        arrays = (self.numbers, self.form_of, self.documents, self.starts, self.words, self.again, self.again_forms)
        return self.forms.nbytes + sum(array.nbytes for array in arrays)


class FormCounter:
    """Counts forms over one snapshot; what does not depend on filters is remembered."""

    def __init__(self, executor: Executor, surfaces: Surfaces) -> None:
        self._executor = executor
        self._snapshot = executor.snapshot
        self._surfaces = surfaces

    def having(self, query: Node, forms: Sequence[str]) -> Mask:
        """Return the mask of the documents in which a word of the query is found as one of `forms` (folded)."""
        mask = np.zeros(self._snapshot.size, bool)
        wanted = words_with_forms(self._snapshot.generation, forms)
        for word in searched_words(query):
            some = self._executor.forms(word).only(wanted)
            documents, _ = read_documents(self._snapshot, some, word.sections, word.within)
            mask[documents] = True
        return mask & self._snapshot.all_live

    def counts(self, query: Node, documents: Numbers, limit: int) -> FormCounts:
        """Return the forms of the words of `query` that stand in `documents`, at most `limit` of them."""
        words = tuple(searched_words(query))
        if not words or not len(documents):
            return FormCounts((), 0)
        form_postings = self._snapshot.cache.get(
            ("form postings", words), _FormPostings, lambda: self._form_postings(words)
        )
        if not len(form_postings.starts):
            return FormCounts((), 0)
        inside = np.zeros(self._snapshot.size, bool)
        inside[documents] = True
        by_run = np.add.reduceat(inside[form_postings.documents], form_postings.starts, dtype=np.int64)
        by_word = np.bincount(form_postings.words, by_run, minlength=len(form_postings.forms.words)).astype(np.int64)
        by_form = np.bincount(form_postings.form_of, by_word, minlength=len(form_postings.numbers)).astype(np.int64)
        if len(form_postings.again):
            twice = form_postings.again_forms[inside[form_postings.again]]
            by_form -= np.bincount(twice, minlength=len(by_form))
        chosen = self._first(form_postings, by_form, limit)
        listed = tuple(self._listed(form_postings, by_word, chosen))
        return FormCounts(listed, int(np.count_nonzero(by_form)) - len(listed))

    def _form_postings(self, words: Sequence[Term | Prefix]) -> _FormPostings:
        """Return where the words stand. What they have in common is read once."""
        groups: dict[tuple[tuple[Section, ...], int | None], list[Forms]] = {}
        for word in words:
            groups.setdefault((word.sections, word.within), []).append(self._executor.forms(word))
        united = {scope: merged(several) for scope, several in groups.items()}
        forms = merged(list(united.values()))
        parts = []
        for (sections, within), some in united.items():
            documents, places = read_documents(self._snapshot, some, sections, within)
            parts.append((documents, places if some is forms else forms.words.searchsorted(some.words)[places]))
        documents, places = (np.concatenate(column) for column in zip(*parts, strict=True))
        size = max(self._snapshot.size, 1)
        if len(united) > 1 or any(within is not None for _, within in united):
            places, documents = np.divmod(np.unique(places * size + documents), size)
        numbers, form_of = np.unique(self._surfaces.numbers(forms.words), return_inverse=True)
        starts = np.flatnonzero(changes(places)) if len(places) else places
        again = _again(documents, form_of[places], (np.bincount(form_of) > 1)[form_of][places], size)
        return _FormPostings(
            forms, numbers, form_of, documents.astype(np.int32), starts, places[starts], again % size, again // size
        )

    def _first(self, form_postings: _FormPostings, by_form: Numbers, limit: int) -> list[tuple[int, str, int]]:
        """Return the forms that most documents have, ties by their letters: place, letters and count of each."""
        present = np.flatnonzero(by_form)
        if len(present) > limit:
            counts = by_form[present]
            least = np.partition(counts, len(counts) - limit)[len(counts) - limit] if limit else counts.max() + 1
            present = present[counts >= least]
        text = self._surfaces.text
        counted = zip(
            present.tolist(), map(text, form_postings.numbers[present].tolist()), by_form[present].tolist(), strict=True
        )
        return heapq.nsmallest(limit, counted, key=lambda one: (-one[2], one[1]))

    def _listed(
        self, form_postings: _FormPostings, by_word: Numbers, chosen: Sequence[tuple[int, str, int]]
    ) -> Iterator[FormCount]:
        wanted = np.zeros(len(form_postings.numbers), bool)
        wanted[[form for form, _, _ in chosen]] = True
        places = np.flatnonzero(wanted[form_postings.form_of] & (by_word > 0))
        spellings: dict[int, list[tuple[int, int, int]]] = {form: [] for form, _, _ in chosen}
        for form, times, word, level in zip(
            form_postings.form_of[places].tolist(),
            by_word[places].tolist(),
            form_postings.forms.words[places].tolist(),
            form_postings.forms.levels[places].tolist(),
            strict=True,
        ):
            spellings[form].append((times, word, level))
        written = self._surfaces.written
        for form, letters, count in chosen:
            several = spellings[form]
            if len(several) == 1:
                ((_, word, level),) = several
                yield FormCount(letters, written(word), LEVELS[level], count)
            else:
                most = max(several)[0]
                spelled = min(written(word) for times, word, _ in several if times == most)
                yield FormCount(letters, spelled, LEVELS[min(level for _, _, level in several)], count)


def _again(documents: Numbers, forms: Numbers, shared: Mask, size: int) -> Numbers:
    """Return `form * size + document` for every time but the first that a form of several words is in a document."""
    pairs = np.sort(forms[shared] * size + documents[shared])
    later: Numbers = pairs[1:][pairs[1:] == pairs[:-1]]
    return later
