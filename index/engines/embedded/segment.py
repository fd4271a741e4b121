"""One segment of an index, read where it lies: documents, tokens, words, terms and postings as arrays.

Words have numbers that hold for the whole index: a segment adds those that none before it has, numbered on from
`first_word`. A term (a lemma, a root …) is a set of words; postings belong to words alone. So each token is kept once,
whatever the number of fields it is found in, and what a term finds is the union of what its words find.

An address is the number of a token in the segment: the titles and bodies of its documents end to end.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.analysis.tokens import FieldTerm, Word
from index.engines.embedded.arrays import Array, ArrayFile, SortedStrings, strings_of
from index.schema import FACETS, UNKNOWN_VALUE, FacetField, Section, TokenField

SECTIONS = tuple(Section)
"""In the order of their tokens: title, body."""

FIELD_CODES = {
    TokenField.WRITTEN: b"w",
    TokenField.SURFACE: b"s",
    TokenField.CLITIC: b"c",
    TokenField.LEMMA: b"l",
    TokenField.FAMILY: b"f",
    TokenField.ROOT: b"r",
    TokenField.SPELLING: b"v",
}
"""A term's key is the letter of its field and its text."""

_FIELDS = {code[0]: field for field, code in FIELD_CODES.items()}

NO_MOMENT = -(1 << 62)
"""Stands for an unknown moment of publication."""


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
    """None where each document has exactly one."""
    ordinals: Array


class Segment:
    """An open segment. Everything but the labels of facets stays in the mapped file."""

    def __init__(self, path: Path, *, checksum: int | None = None) -> None:
        """Open the segment in a file; see `ArrayFile`.

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
        """Proleptic ordinals of the days of publication (`date.toordinal`); 0 is unknown."""
        self.moments = file["moments"]
        """Seconds since 1970 of the moment of publication, or of its day's beginning; `NO_MOMENT` is unknown."""
        self.lengths = {section: file[f"{section}_lengths"] for section in SECTIONS}
        """Content words of each document's section."""
        self.section_starts = file["section_starts"]
        """Address of each section: title of document 0, its body, title of document 1 … and the end of the last."""
        # tokens
        self.tokens = file["tokens"]
        """Number of the word at each address."""
        self.token_starts = file["token_starts"]
        """Code point of its section at which each token begins; the type has room for its end too."""
        self.token_lengths = file["token_lengths"]
        # words that this segment adds, and the terms that these have
        self.written = strings_of(file, "written")
        self._written_order = file["written_order"]
        self._sorted_written = SortedStrings(self.written, self._written_order)
        self.weights = file["weights"]
        """The weights that terms have in words; other arrays say which by its place here."""
        self.word_term_starts = file["word_term_starts"]
        self.word_terms = file["word_terms"]
        """Terms of the words, by their numbers in this segment's dictionary."""
        self.word_term_weights = file["word_term_weights"]
        self.terms = strings_of(file, "terms")
        """Keys of terms, ascending."""
        self._sorted_terms = SortedStrings(self.terms)
        self.term_word_starts = file["term_word_starts"]
        self.term_words = file["term_words"]
        """Words of the terms, by their numbers in the index, ascending."""
        self.term_word_weights = file["term_word_weights"]
        # postings: for each word that occurs here and has terms, the documents and the addresses where it stands
        self.present = file["present"]
        """Numbers of those words, ascending."""
        self.posting_starts = file["posting_starts"]
        self.posting_documents = file["posting_documents"]
        self.frequencies = {section: file[f"{section}_frequencies"] for section in SECTIONS}
        self.occurrence_starts = file["occurrence_starts"]
        self.occurrences = file["occurrences"]

    @property
    def words(self) -> int:
        """Number of the words that this segment adds."""
        return len(self.written)

    def document_id(self, number: int) -> str:
        """Return the id of a document."""
        return self.ids[number].decode("utf-8", "surrogatepass")

    def find_document(self, document_id: str) -> int | None:
        """Return the number of the document of this id, deleted or not, or None."""
        key = document_id.encode("utf-8", "surrogatepass")
        place = self._sorted_ids.first_not_below(key)
        if place == self.documents or self._sorted_ids[place] != key:
            return None
        return int(self._id_order[place])

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
        """Return the number of a word that this segment adds: the same letters with the same terms; None if not."""
        key = word_key(word.written)
        place = self._sorted_written.first_not_below(key)
        while place < self.words and self._sorted_written[place] == key:
            number = int(self._written_order[place])
            if self.terms_of(number) == word.terms:
                return self.first_word + number
            place += 1
        return None

    def terms_of(self, number: int) -> tuple[FieldTerm, ...]:
        """Return the terms of one of the words that this segment adds, by its number among them."""
        begin, end = self.word_term_starts[number : number + 2].tolist()
        terms = []
        for term, weight in zip(
            self.word_terms[begin:end].tolist(), self.weights[self.word_term_weights[begin:end]].tolist(), strict=True
        ):
            key = self.terms[term]
            terms.append(FieldTerm(_FIELDS[key[0]], key[1:].decode("utf-8", "surrogatepass"), weight))
        return tuple(terms)

    def written_form(self, number: int) -> str:
        """Return the letters of one of the words that this segment adds, by its number among them."""
        return self.written[number].decode("utf-8", "surrogatepass")

    def words_of(self, key: bytes) -> tuple[Array, Array]:
        """Return the words (uint32, ascending, numbers in the index) that have a term, and its weight in each."""
        place = self._sorted_terms.first_not_below(key)
        begin = end = 0
        if place < len(self.terms) and self.terms[place] == key:
            begin, end = self.term_word_starts[place : place + 2].tolist()
        return self.term_words[begin:end], self.weights[self.term_word_weights[begin:end]]

    def terms_of_field(self, field: TokenField) -> tuple[int, int]:
        """Return the number of the first term of a field, and the number after its last."""
        code = FIELD_CODES[field]
        return self._sorted_terms.first_not_below(code), self._sorted_terms.first_not_below(bytes([code[0] + 1]))

    def words_with_prefix(self, key: bytes) -> Array:
        """Return the words (ascending, each once) that have a term whose key begins with `key`."""
        first = self._sorted_terms.first_not_below(key)
        last = self._sorted_terms.first_not_below(key + b"\xff")
        begin, end = int(self.term_word_starts[first]), int(self.term_word_starts[last])
        return np.unique(self.term_words[begin:end])

    def places(self, words: Array) -> npt.NDArray[np.int64]:
        """Return where in `present` those of `words` (ascending or not) stand that occur in this segment."""
        if not len(self.present):
            return np.empty(0, np.int64)
        found = np.searchsorted(self.present, words)
        found[found == len(self.present)] = 0
        places: npt.NDArray[np.int64] = found[self.present[found] == words]
        return places


def _unknown(field: FacetField, documents: int) -> FacetColumn:
    """Return the column of a facet of which nothing is known."""
    if FACETS[field].several:
        return FacetColumn((), np.zeros(documents + 1, np.uint8), np.empty(0, np.uint8))
    return FacetColumn((UNKNOWN_VALUE,), None, np.zeros(documents, np.uint8))
