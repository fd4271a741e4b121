"""One segment of an index, memory-mapped: documents, tokens, words, terms and postings as arrays.

Word numbers hold for the whole index: a segment adds the words that no earlier segment has, numbered from `first_word`.
A term (a lemma, a root …) is a set of words; only words have postings, stop words excepted. Thus each token is stored
once for all token fields, and the postings of a term are the union of those of its words.

An address is the number of a token in the segment: title and body of document 0, of document 1, and so on.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.analysis.tokens import FieldTerm, Word
from index.engines.embedded.arrays import ArrayFile, SortedStrings, strings_of
from index.engines.embedded.checked import Array
from index.schema import FACETS, FIELD_LETTERS, UNKNOWN_VALUE, FacetField, Section, TokenField

SECTIONS = tuple(Section)
"""In the order of their tokens: title, body."""

FIELD_CODES = {field: letter.encode() for field, letter in FIELD_LETTERS.items()}
"""First byte of the key of a term; its text follows."""

_FIELDS = {code[0]: field for field, code in FIELD_CODES.items()}

NO_TIMESTAMP = -(1 << 62)
"""Value of `Segment.timestamps` for an unknown time of publication."""


def term_key(field: TokenField, text: str) -> bytes:
    """Return the key of a term in the term dictionary."""
    return FIELD_CODES[field] + text.encode("utf-8", "surrogatepass")


def word_key(written: str) -> bytes:
    """Return the key of a word's written form."""
    return written.encode("utf-8", "surrogatepass")


class FacetColumn(NamedTuple):
    """The values of a facet: those of document `i` are `ordinals[starts[i]:starts[i + 1]]`, indices into `labels`."""

    labels: tuple[str, ...]
    starts: Array | None
    """None if each document has exactly one value, so that the value of document `i` is `ordinals[i]`."""
    ordinals: Array


class Segment:
    """An open segment. All arrays are read-only views of the mapped file, of unsigned integer dtypes unless stated.

    Those that searches read in part are `CheckedArray`: each block is checked when it is first read. The others are
    checked when the segment is opened.
    """

    def __init__(self, path: Path, *, checksum: int | None = None) -> None:
        """Open the segment in a file, as `ArrayFile` does.

        Raises:
            IndexDamagedError: the file is not what was written.
        """
        file = self.file = ArrayFile(path, checksum=checksum)
        self.documents = file.facts["documents"]
        self.first_word = file.facts["first_word"]
        # documents
        self.ids = strings_of(file, "ids")
        self._id_order = file["id_order"]
        self._sorted_ids = SortedStrings(self.ids, self._id_order)
        self.days = file["days"]
        """Day of publication of each document (int32, `date.toordinal`); 0 is unknown."""
        self.timestamps = file["moments"]
        """Time of publication, or start of its day, in Unix seconds by document (int64); or `NO_TIMESTAMP`."""
        self.lengths = {section: file[f"{section}_lengths"] for section in SECTIONS}
        """Number of content words in each document, by section."""
        self.section_starts = file["section_starts"]
        """First address of each section (title of document 0, its body, title of 1 …), and the end of the last."""
        # tokens
        self.tokens = file.checked("tokens")
        """Word number at each address."""
        self.token_starts = file.checked("token_starts")
        """Start of each token, in code points of its section; the dtype also holds start + length."""
        self.token_lengths = file.checked("token_lengths")
        # words that this segment adds, and their terms
        self.written = strings_of(file, "written")
        self._written_order = file["written_order"]
        self._sorted_written = SortedStrings(self.written, self._written_order)
        self.weights = file["weights"]
        """Distinct weights of terms in words (float64); the `…_weights` arrays below are indices into it."""
        self.word_term_starts = file["word_term_starts"]
        self.word_terms = file.checked("word_terms")
        """Term numbers (indices into `terms`) of each word; bounds in `word_term_starts`."""
        self.word_term_weights = file.checked("word_term_weights")
        self.terms = strings_of(file, "terms")
        """Keys of the terms, ascending."""
        self._sorted_terms = SortedStrings(self.terms)
        self.term_word_starts = file["term_word_starts"]
        self.term_words = file.checked("term_words")
        """Word numbers of each term (uint32), ascending; bounds in `term_word_starts`."""
        self.term_word_weights = file.checked("term_word_weights")
        # postings: the documents and addresses of each content word that occurs in this segment
        self.present = file["present"]
        """Numbers of these words (uint32), ascending. The two `…_starts` below have one entry for each, and the end."""
        self.posting_starts = file["posting_starts"]
        self.posting_documents = file.checked("posting_documents")
        self.frequencies = {section: file.checked(f"{section}_frequencies") for section in SECTIONS}
        self.occurrence_starts = file["occurrence_starts"]
        self.occurrences = file.checked("occurrences")

    @property
    def words(self) -> int:
        """Number of words that this segment adds."""
        return len(self.written)

    def document_id(self, number: int) -> str:
        """Return the id of a document."""
        return self.ids[number].decode("utf-8", "surrogatepass")

    def find_document(self, document_id: str) -> int | None:
        """Return the number of the document with this id, deleted or not, or None."""
        key = document_id.encode("utf-8", "surrogatepass")
        rank = self._sorted_ids.lower_bound(key)
        if rank == self.documents or self._sorted_ids[rank] != key:
            return None
        return int(self._id_order[rank])

    def facet(self, field: FacetField) -> FacetColumn:
        """Return the column of a facet; in a segment that is older than the facet, no document has a value."""
        ordinals = self.file.optional(f"facet_{field}_ordinals")
        if ordinals is None:
            return _unknown(field, self.documents)
        labels = tuple(
            label.decode("utf-8", "surrogatepass") for label in strings_of(self.file, f"facet_{field}_labels").all()
        )
        return FacetColumn(labels, self.file.optional(f"facet_{field}_starts"), ordinals)

    def find_word(self, word: Word) -> int | None:
        """Return the number of the added word with the same letters and terms, or None if there is none."""
        key = word_key(word.written)
        rank = self._sorted_written.lower_bound(key)
        while rank < self.words and self._sorted_written[rank] == key:
            number = int(self._written_order[rank])
            if self.terms_of(number) == word.terms:
                return self.first_word + number
            rank += 1
        return None

    def terms_of(self, number: int) -> tuple[FieldTerm, ...]:
        """Return the terms of a word; `number` counts from 0 among the words that this segment adds."""
        begin, end = self.word_term_starts[number : number + 2].tolist()
        terms = []
        for term, weight in zip(
            self.word_terms[begin:end].tolist(), self.weights[self.word_term_weights[begin:end]].tolist(), strict=True
        ):
            key = self.terms[term]
            terms.append(FieldTerm(_FIELDS[key[0]], key[1:].decode("utf-8", "surrogatepass"), weight))
        return tuple(terms)

    def written_form(self, number: int) -> str:
        """Return the letters of a word; `number` counts from 0 among the words that this segment adds."""
        return self.written[number].decode("utf-8", "surrogatepass")

    def words_of(self, key: bytes) -> tuple[Array, Array]:
        """Return the words that have a term (uint32, ascending), and its weight in each (float64)."""
        term = self._sorted_terms.lower_bound(key)
        begin = end = 0
        if term < len(self.terms) and self.terms[term] == key:
            begin, end = self.term_word_starts[term : term + 2].tolist()
        return self.term_words[begin:end], self.weights[self.term_word_weights[begin:end]]

    def term_lower_bound(self, key: bytes) -> int:
        """Return the number of the first term whose key is not below `key`; the number of terms where all are below."""
        return self._sorted_terms.lower_bound(key)

    def terms_of_field(self, field: TokenField) -> tuple[int, int]:
        """Return the half-open range of term numbers of a field."""
        code = FIELD_CODES[field]
        return self.term_lower_bound(code), self.term_lower_bound(bytes([code[0] + 1]))

    def words_with_prefix(self, key: bytes) -> Array:
        """Return the words (uint32, ascending, unique) that have a term whose key begins with `key`."""
        first = self._sorted_terms.lower_bound(key)
        last = self._sorted_terms.lower_bound(key + b"\xff")
        begin, end = int(self.term_word_starts[first]), int(self.term_word_starts[last])
        return np.unique(self.term_words[begin:end])

    def present_indices(self, words: Array) -> npt.NDArray[np.int64]:
        """Return the indices in `present` of those of `words` (in any order) that occur in this segment."""
        if not len(self.present):
            return np.empty(0, np.int64)
        indices = np.searchsorted(self.present, words)
        indices[indices == len(self.present)] = 0
        present: npt.NDArray[np.int64] = indices[self.present[indices] == words]
        return present


def _unknown(field: FacetField, documents: int) -> FacetColumn:
    """Return the column of a facet for which no document has a value."""
    if FACETS[field].several:
        return FacetColumn((), np.zeros(documents + 1, np.uint8), np.empty(0, np.uint8))
    return FacetColumn((UNKNOWN_VALUE,), None, np.zeros(documents, np.uint8))
