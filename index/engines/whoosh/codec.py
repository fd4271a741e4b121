"""Our codec for Whoosh: its own files and term dictionary, but postings as blocks of arrays.

Stock Whoosh sorts every posting through files of pickles and packs them in pickled blocks; here an inversion in memory
(document numbers arrive ascending, so nothing is sorted but the terms) hands each term's postings over whole.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

from whoosh.codec.whoosh3 import W3Codec, W3FieldWriter, W3TermInfo
from whoosh.fields import Schema
from whoosh.formats import Format
from whoosh.matching import ListMatcher
from whoosh.reading import IndexReader, TermNotFound
from whoosh.system import pack_ushort

from index.engines.whoosh.blocks import Block, pack, unpack

_Posting = tuple[str, bytes, int, float, bytes]
"""What Whoosh's writer hands to a pool: field, term, document number, weight, encoded positions."""


class InversionPool:
    """Stands in for Whoosh's posting pool: field → term → (documents, counts, weights, positions)."""

    def __init__(self) -> None:
        self._fields: dict[str, dict[bytes, tuple[array[int], array[int], array[float], bytearray]]] = {}

    def add(self, posting: _Posting) -> None:
        """Take one posting; document numbers ascend within a term."""
        field, term, document, weight, value = posting
        terms = self._fields.setdefault(field, {})
        known = terms.get(term)
        if known is None:
            known = terms[term] = (array("I"), array("I"), array("d"), bytearray())
        known[0].append(document)
        known[1].append(len(value) // 4)
        known[2].append(weight)
        known[3].extend(value)

    def fields(self) -> list[str]:
        """Return the names of the fields that have terms, in order."""
        return sorted(self._fields)

    def blocks(self, field: str) -> Iterator[tuple[bytes, W3TermInfo, bytes]]:
        """Yield the terms of a field in order, with Whoosh's facts of each and its block."""
        terms = self._fields[field]
        for term in sorted(terms):
            documents, counts, weights, positions = terms[term]
            info = W3TermInfo()
            info._df = len(documents)  # noqa: SLF001 - Whoosh has no other way to set these
            info._minid, info._maxid = documents[0], documents[-1]  # noqa: SLF001
            info._weight, info._maxweight = sum(weights), max(weights)  # noqa: SLF001
            info._minlength = info._maxlength = 0  # noqa: SLF001
            yield term, info, pack(documents, counts, weights, bytes(positions))

    def iter_postings(self) -> InversionPool:
        """Return what `BlockFieldWriter.add_postings` takes: the pool itself."""
        return self

    def cleanup(self) -> None:
        """Forget everything."""
        self._fields = {}


class BlockFieldWriter(W3FieldWriter):  # type: ignore[misc]  # Whoosh's classes are untyped
    """Writes whole terms at once."""

    def add_postings(self, schema: Schema, lengths: object, pool: InversionPool) -> None:  # noqa: ARG002 - Whoosh's signature
        """Write all terms of a pool to the term dictionary and the postings file."""
        for name in pool.fields():
            self.start_field(name, schema[name])
            for term, info, block in pool.blocks(name):
                info.set_extent(self._postfile.tell(), len(block))
                self._postfile.write(block)
                self._tindex.add(pack_ushort(self._fieldid) + term, info.to_bytes())
            self.finish_field()


class BlockCodec(W3Codec):  # type: ignore[misc]  # Whoosh's classes are untyped
    """Whoosh's third format with postings in blocks."""

    length_stats = False  # our lengths are columns of our own, exact where Whoosh's are rounded to a byte

    def field_writer(self, storage: Any, segment: Any) -> BlockFieldWriter:  # noqa: ANN401 - Whoosh's own
        """Return the writer of a segment's terms."""
        return BlockFieldWriter(self, storage, segment)

    def postings_reader(
        self,
        dbfile: Any,  # noqa: ANN401 - Whoosh's own
        terminfo: W3TermInfo,
        format_: Format,
        term: object = None,
        scorer: object = None,
    ) -> ListMatcher:
        """Return a matcher over the postings of a term: what Whoosh itself reads when it merges and deletes."""
        block = unpack(_read(dbfile, terminfo))
        positions = block.positions.tobytes()
        values = []
        begin = 0
        for count in block.counts.tolist():
            values.append(positions[begin : begin + 4 * count])
            begin += 4 * count
        return ListMatcher(
            block.documents.tolist(),
            block.weights.tolist(),
            values,
            format_,
            scorer=scorer,
            term=term,
            terminfo=terminfo,
        )


def term_block(segment: IndexReader, field: str, term: str) -> Block | None:
    """Return the block of a term in the reader of one segment, deleted documents included; None if it has none."""
    terms = segment._terms  # noqa: SLF001 - Whoosh offers postings one by one only
    try:
        info = terms.term_info(field, term.encode("utf-8"))
    except TermNotFound:
        return None
    return unpack(_read(terms._postfile, info))  # noqa: SLF001 - as above


def _read(postings_file: Any, terminfo: W3TermInfo) -> bytes:  # noqa: ANN401 - Whoosh's own
    offset, length = terminfo.extent()
    # Whoosh leaves the length as the one-tuple that `struct.unpack` gave
    size = length[0] if isinstance(length, tuple) else length
    return bytes(postings_file.get(offset, size))
