"""What is done with each article alone, in this process or in a worker, and how the outcome travels from there.

A job makes of an order what is wanted, with an analyzer. Of what a worker makes, only that is sent back which the order
did not bring along: the texts of an article travel once.
"""

from __future__ import annotations

import abc
import dataclasses
import datetime as dt
import gc
import operator
from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar, cast

from index.analysis.pipeline import Analyzer, load_analyzer
from index.document import AnalyzedDocument, Document, Notice, Refusal
from index.errors import IndexingError
from index.schema import Section
from index.sources.articles import Assembler, Fields, Reading
from index.transfer import PackedText, Packer, Unpacker, Vocabulary

COLLECT_AFTER = 100_000
"""New objects between two searches for cyclic garbage while articles are indexed, which makes millions and none of it:
with Python's 700 the searches take a fifth of the time."""

Order = TypeVar("Order")
Made = TypeVar("Made")


class Job(abc.ABC, Generic[Order, Made]):
    """One kind of work; can be pickled."""

    @abc.abstractmethod
    def make(self, order: Order, analyzer: Analyzer) -> Made:
        """Do it."""

    @abc.abstractmethod
    def pack(self, order: Order, made: Made, packer: Packer) -> object:
        """Return what was made, but for what stands in the order, in values that can be pickled."""

    @abc.abstractmethod
    def unpack(self, order: Order, packed: object, unpacker: Unpacker) -> Made:
        """Return what was made."""


class ToAdd(NamedTuple):
    """An article to be assembled, and analyzed unless it is known."""

    fields: Fields
    origin: str
    place: str
    hash: str | None
    """Of the content that the index has under its id."""


class Assembled(NamedTuple):
    """What became of an article."""

    reading: Reading
    analyzed: AnalyzedDocument | None
    """None where the index has just this content, and of what was refused."""


class Adding(Job[ToAdd, Assembled]):
    """The job of `judhur index add`."""

    def __init__(self, assembler: Assembler, zone: dt.tzinfo) -> None:
        self._assembler = assembler
        self._zone = zone

    def make(self, order: ToAdd, analyzer: Analyzer) -> Assembled:
        """Make a document of the fields, and analyze it if it is new."""
        reading = self._assembler.assemble(order.fields, origin=order.origin, place=order.place)
        document = reading.outcome
        if isinstance(document, Refusal) or (order.hash is not None and order.hash == document.content_hash()):
            return Assembled(reading, None)
        return Assembled(reading, analyze_document(document, analyzer, self._zone))

    def pack(self, order: ToAdd, made: Assembled, packer: Packer) -> object:
        """See `Job.pack`."""
        outcome, notices = made.reading.outcome, made.reading.notices
        packed = outcome if isinstance(outcome, Refusal) else _without_texts(outcome, order.fields)
        return packed, notices, None if made.analyzed is None else _packed_sections(made.analyzed, packer)

    def unpack(self, order: ToAdd, packed: object, unpacker: Unpacker) -> Assembled:
        """See `Job.unpack`."""
        outcome, notices, sections = cast("_PackedAssembled", packed)
        if isinstance(outcome, Refusal):
            return Assembled(Reading(outcome, notices), None)
        document = _with_texts(outcome, order.fields)
        analyzed = None if sections is None else _unpacked(document, sections, unpacker, self._zone)
        return Assembled(Reading(document, notices), analyzed)


class Analyzing(Job[Document, AnalyzedDocument]):
    """The job of `judhur index rebuild`."""

    def __init__(self, zone: dt.tzinfo) -> None:
        self._zone = zone

    def make(self, order: Document, analyzer: Analyzer) -> AnalyzedDocument:
        """Analyze a document."""
        return analyze_document(order, analyzer, self._zone)

    def pack(self, order: Document, made: AnalyzedDocument, packer: Packer) -> object:
        """See `Job.pack`."""
        del order
        return _packed_sections(made, packer)

    def unpack(self, order: Document, packed: object, unpacker: Unpacker) -> AnalyzedDocument:
        """See `Job.unpack`."""
        return _unpacked(order, cast("_PackedSections", packed), unpacker, self._zone)


@dataclasses.dataclass(frozen=True, slots=True)
class Remote:
    """A job on its way to a worker."""

    job: Job[object, object]
    fingerprint: str
    """Of the analyzer that the index is built with."""

    def __call__(self) -> Callable[[Sequence[object]], tuple[Vocabulary, list[object]]]:
        """Get ready in the worker; return what makes and packs a number of orders.

        Raises:
            IndexingError: the code or the data of the analyzer are others by now.
        """
        analyzer, packer = load_analyzer(), Packer()
        if analyzer.fingerprint() != self.fingerprint:
            raise IndexingError("the analyzer was changed while the command ran; run it again")
        gc.freeze()  # the lexicon stays
        gc.set_threshold(COLLECT_AFTER)

        def made(orders: Sequence[object]) -> tuple[Vocabulary, list[object]]:
            packed = [self.job.pack(order, self.job.make(order, analyzer), packer) for order in orders]
            return packer.vocabulary(), packed

        return made


def analyze_document(document: Document, analyzer: Analyzer, zone: dt.tzinfo) -> AnalyzedDocument:
    """Return the document as an engine's writer takes it, with days counted in `zone`."""
    sections = {Section.TITLE: analyzer.analyze(document.title), Section.BODY: analyzer.analyze(document.text)}
    return AnalyzedDocument(document, sections, document.published_day(zone))


_PackedSections = tuple[PackedText, PackedText]


def _packed_sections(analyzed: AnalyzedDocument, packer: Packer) -> _PackedSections:
    return packer.pack(analyzed.sections[Section.TITLE]), packer.pack(analyzed.sections[Section.BODY])


def _unpacked(document: Document, packed: _PackedSections, unpacker: Unpacker, zone: dt.tzinfo) -> AnalyzedDocument:
    title, body = packed
    sections = {
        Section.TITLE: unpacker.unpack(title, document.title),
        Section.BODY: unpacker.unpack(body, document.text),
    }
    return AnalyzedDocument(document, sections, document.published_day(zone))


_NAMES = tuple(field.name for field in dataclasses.fields(Document))
_VALUES = operator.attrgetter(*_NAMES)
_TEXTS = tuple((_NAMES.index(name), operator.attrgetter(name)) for name in ("text", "title"))
_PackedDocument = tuple[object, ...]
_PackedAssembled = tuple[Refusal | _PackedDocument, tuple[Notice, ...], _PackedSections | None]


def _without_texts(document: Document, fields: Fields) -> _PackedDocument:
    """Return the values of a document, None for the texts that are as the file gives them."""
    values = list(_VALUES(document))
    for place, given in _TEXTS:
        if values[place] == given(fields):
            values[place] = None
    return tuple(values)


def _with_texts(packed: _PackedDocument, fields: Fields) -> Document:
    values = list(packed)
    for place, given in _TEXTS:
        if values[place] is None:
            values[place] = given(fields)
    return Document(*values)  # type: ignore[arg-type]
