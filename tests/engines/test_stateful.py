"""After any history of adds, deletes, commits, rollbacks, rebuilds and reopenings, all engines have equal contents."""

from __future__ import annotations

import dataclasses
import datetime as dt
from contextlib import ExitStack

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from index import build
from index.document import AnalyzedDocument
from index.engines.embedded.writer import EmbeddedWriter
from index.schema import FacetField, Level
from search.engine import Engine, EngineResult, FacetRequest, Searcher
from search.engines import open_engine
from search.query import And, DateRange, FacetFilter, MatchAll, Node, Not, Or, Phrase
from search.request import Sort
from tests.engines.articles import ZONE, article, asked, term
from tests.engines.reference import ReferenceEngine
from tests.index.embedded import open_writer
from tests.torture.places import quick_folder

WORDS = ("book", "al-book", "bookish", "pen", "pencil", "ink", "of")
IDS = tuple(f"a{number}" for number in range(8))

FACETS = tuple(FacetRequest(field, 3) for field in FacetField)
QUERIES: tuple[Node, ...] = (
    MatchAll(),
    term("book"),
    term("pen", widest=Level.EXACT),
    And((term("book"), term("ink", 1))),
    Or((term("pencil"), term("ink", 1), term("book", 2)), 2),
    And((MatchAll(), Not(term("book", widest=Level.LEMMA)))),
    Phrase((term("book"), term("pen", 1)), (0, 1)),
    FacetFilter(FacetField.SOURCE, ("x", "-")),
    DateRange(dt.date(2025, 1, 1), dt.date(2025, 1, 10), unknown=True),
)
REQUESTS = (
    *(asked(query, partial=MatchAll(), facets=FACETS, histogram=True, limit=50) for query in QUERIES),
    asked(term("book"), selected=(FacetFilter(FacetField.AGENCY, ("r",)),), facets=FACETS, limit=2),
    asked(MatchAll(), sort=Sort.NEWEST, offset=1, limit=3),
)

texts = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
articles = st.builds(
    lambda document_id, text, title, source, agencies, published: article(
        document_id, text, title=title, source=source, agencies=agencies, published=published
    ),
    st.sampled_from(IDS),
    texts,
    texts,
    st.sampled_from([None, "x", "y"]),
    st.sampled_from([(), ("r",), ("r", "t")]),
    st.sampled_from([None, dt.date(2025, 1, 1), dt.date(2025, 1, 8)]),
)


@pytest.fixture(autouse=True)
def _no_analysis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `verify` not compare the words of these articles, which no analyzer made."""
    monkeypatch.setattr("index.engines.embedded.sampling.SAMPLE", 0)


@dataclasses.dataclass(frozen=True, slots=True)
class PointInTime:
    """An open searcher, and the answers that it must keep giving."""

    searcher: Searcher
    answers: list[EngineResult]
    texts: dict[str, str | None]


def answers(searcher: Searcher) -> list[EngineResult]:
    return [searcher.search(request) for request in REQUESTS]


def stored_texts(searcher: Searcher) -> dict[str, str | None]:
    stored = {document_id: searcher.get_many([document_id])[0] for document_id in IDS}
    return {document_id: found.document.text if found else None for document_id, found in stored.items()}


def assert_equal(found: list[EngineResult], expected: list[EngineResult]) -> None:
    """Compare results exactly, except for rounding errors of scores."""
    for ours, reference in zip(found, expected, strict=True):
        assert without_scores(ours) == without_scores(reference)
        assert [hit.score for hit in ours.hits] == pytest.approx([hit.score for hit in reference.hits])


def without_scores(result: EngineResult) -> EngineResult:
    return dataclasses.replace(result, hits=tuple(hit._replace(score=0.0) for hit in result.hits))


class Histories(RuleBasedStateMachine):
    """One writer, two engines over the same folder, and a reference engine with the same history."""

    def __init__(self) -> None:
        super().__init__()
        self._open = ExitStack()
        self._location = str(self._open.enter_context(quick_folder()) / "index")
        self._committed: dict[str, AnalyzedDocument] = {}
        self._pending: dict[str, AnalyzedDocument] = {}
        self._reference = ReferenceEngine(ZONE)
        self._writer: EmbeddedWriter = open_writer(self._location, create=ZONE.key)
        self._engines: list[Engine] = [open_engine(self._location), open_engine(self._location)]
        self._held: PointInTime | None = None
        self._check_due = True

    @initialize(first=st.lists(articles, max_size=4))
    def begin(self, first: list[AnalyzedDocument]) -> None:
        for each in first:
            self.add([each])
        self.commit()

    @rule(documents=st.lists(articles, min_size=1, max_size=4))
    def add(self, documents: list[AnalyzedDocument]) -> None:
        self._writer.add(documents)
        self._pending |= {document.document.id: document for document in documents}

    @rule(ids=st.lists(st.sampled_from(IDS), min_size=1, max_size=3))
    def delete(self, ids: list[str]) -> None:
        there = set(ids) & set(self._pending)
        assert self._writer.delete(ids) == len(there)
        for document_id in there:
            del self._pending[document_id]

    @rule()
    def commit(self) -> None:
        self._writer.commit()
        with self._reference.writer() as reference:
            reference.delete(set(self._committed) - set(self._pending))
            reference.add(document for document in self._pending.values())
            reference.commit()
        self._committed = dict(self._pending)
        self._check_held(last=True)
        self._check_due = True

    @rule()
    def rollback(self) -> None:
        self._writer.rollback()
        self._pending = dict(self._committed)
        self._check_due = True

    @rule(rebuilding=st.booleans())
    def rebuild(self, *, rebuilding: bool) -> None:
        """Rebuild from the committed articles; if `rebuilding`, with a writer that is opened for this only."""
        self.reopen_writer(rebuilding=rebuilding)
        self._writer.rebuild(self._committed.values())
        self._check_held(last=True)
        self._check_due = True

    @rule(rebuilding=st.just(value=False))
    def reopen_writer(self, *, rebuilding: bool) -> None:
        """Close the writer, which discards uncommitted changes, and open another."""
        self._writer.close()
        self._writer = open_writer(self._location, rebuilding=rebuilding)
        self._pending = dict(self._committed)
        self._check_due = True

    @rule(number=st.integers(0, 1))
    def reopen_engine(self, number: int) -> None:
        self._held = None
        self._engines[number].close()
        self._engines[number] = open_engine(self._location)
        self._check_due = True

    @precondition(lambda self: self._held is None)
    @rule(number=st.integers(0, 1))
    def hold(self, number: int) -> None:
        """Open a searcher that must keep reading its point in time, until after the next commit."""
        searcher = self._open.enter_context(self._engines[number].searcher())
        self._held = PointInTime(searcher, answers(searcher), stored_texts(searcher))

    @invariant()
    def engines_answer_like_the_reference(self) -> None:
        self._check_held(last=False)
        if not self._check_due:  # nothing visible has changed since the last check
            return
        with self._reference.searcher() as reference:
            expected = answers(reference)
        texts = {known: document.document.text for known, document in self._committed.items()}
        for engine in self._engines:
            with engine.searcher() as searcher:
                assert_equal(answers(searcher), expected)
                assert stored_texts(searcher) == {document_id: texts.get(document_id) for document_id in IDS}
                assert searcher.info().documents == len(self._committed)
        self._check_due = False

    def teardown(self) -> None:
        try:
            self._writer.close()
            assert build.verify(self._location) == ()
        finally:
            for engine in self._engines:
                engine.close()
            self._open.close()

    def _check_held(self, *, last: bool) -> None:
        if self._held is not None:
            assert answers(self._held.searcher) == self._held.answers
            assert stored_texts(self._held.searcher) == self._held.texts
        if last:
            self._held = None


Histories.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestHistories = Histories.TestCase


class ManyHistories(Histories):
    """The same with more examples and steps."""


ManyHistories.TestCase.settings = settings(max_examples=1_000, stateful_step_count=60, deadline=None)
TestManyHistories = pytest.mark.torture(ManyHistories.TestCase)
