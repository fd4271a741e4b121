"""Stop words have no postings in the embedded engine: it finds them in the tokens, block by block."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.schema import Section
from search import deadline
from search.engines.embedded import stopwords
from search.errors import SearchTimeoutError
from search.query import AtLeast, Near, Node, Not, Phrase
from tests.engines.articles import article, asked, term, written
from tests.engines.kinds import Engine, embedded_engine, reference_engine
from tests.engines.test_equal_to_reference import assert_equal

ARTICLES = [
    article("a", "of in book of in pen", title="in of"),
    article("b", "in in of of in in of", title=""),
    article("c", "book pen ink", title="pen"),
    article("d", "x o'f in x of x in book", title="of"),
    article("e", "", title=""),
    article("f", "of " * 9 + "book in", title="book of in pen"),
]
OF, IN, BOOK = term("of"), term("in", 1), term("book", 2)
QUERIES: list[Node] = [
    OF,
    IN,
    written("o'f"),
    term("of", sections=(Section.TITLE,)),
    AtLeast(OF, 3),
    Not(OF),
    Phrase((OF, IN), (0, 1)),
    Phrase((IN, OF), (0, 1)),
    Phrase((IN, IN, OF), (0, 1, 2)),
    Phrase((OF, IN, BOOK), (0, 1, 2)),
    Phrase((OF, BOOK), (0, 2)),
    Phrase((BOOK, OF, IN), (0, 1, 2)),
    Phrase((OF, OF, OF, OF, OF, OF, OF), tuple(range(7))),
    Phrase((OF, term("absent", 3)), (0, 1)),
    Near((OF, IN), 0),
    Near((OF, IN, BOOK), 2),
    Near((BOOK, OF), 3, ordered=True),
    Near((term("absent", 3), OF), 3),
]


@pytest.fixture(params=["one segment", "three segments and deletions"])
def engines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Engine, Engine]]:
    made: tuple[Engine, Engine] = (embedded_engine(tmp_path), reference_engine(tmp_path))
    commits = [ARTICLES] if request.param == "one segment" else [ARTICLES[:2], ARTICLES[2:4], ARTICLES[4:]]
    for engine in made:
        for added in commits:
            with engine.writer() as writer:
                writer.add(added)
                writer.commit()
        if len(commits) > 1:
            with engine.writer() as writer:
                writer.delete(["b"])
                writer.commit()
    yield made
    for engine in made:
        engine.close()


@pytest.mark.parametrize("block", [1, 2, 3, 7, 1000])
def test_the_size_of_a_block_changes_no_answer(
    engines: tuple[Engine, Engine], block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopwords, "BLOCK", block)
    assert_equal(*engines, [asked(query, explained=True) for query in QUERIES])


@pytest.mark.parametrize(
    "query", [OF, AtLeast(OF, 2), Phrase((OF, IN), (0, 1)), Near((OF, IN), 3), Near((OF, BOOK), 9)]
)
def test_a_scan_ends_at_the_deadline(
    engines: tuple[Engine, Engine], query: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopwords, "BLOCK", 2)
    blocks = 0

    def check() -> None:
        nonlocal blocks
        blocks += 1
        if blocks > 5:
            raise SearchTimeoutError("stopped by the test")

    with engines[0].searcher() as searcher:
        monkeypatch.setattr(deadline, "check", check)
        with pytest.raises(SearchTimeoutError):
            searcher.search(asked(query))
    assert blocks == 6
    monkeypatch.undo()
    assert deadline.remaining() is None
    assert_equal(*engines, [asked(query)])
