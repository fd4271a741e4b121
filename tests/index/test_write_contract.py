"""The contract of the write path (index/store.py, index/writer.py), which every store has to pass.

After each test, `verify` finds nothing: whatever was written, discarded or interrupted, articles and index agree.
"""

from __future__ import annotations

import contextlib
import functools
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from index.analysis.installed import load_analyzer
from index.document import AnalyzedDocument, Document
from index.engines import store_of
from index.engines.opensearch.address import ClusterAddress
from index.engines.opensearch.connection import Cluster
from index.errors import IndexingError, IndexLockedError, IndexMissingError
from index.intake import analyze_articles
from index.jobs import analyze_document
from index.location import redacted
from index.schema import DEFAULT_ZONE
from index.store import Analyzing, MaintainedStore
from index.writer import ArticleWriter
from tests.engines.conftest import ON_A_CLUSTER
from tests.index.memory import MemoryStore

ZONE = "Africa/Tunis"
LONG = "س" * 20_000
"""A source of more bytes than Lucene takes as a term; the store in memory refuses it too."""
MANY = 450
"""More articles than any store reads at once."""


@contextlib.contextmanager
def on_the_cluster(request: pytest.FixtureRequest) -> Iterator[MaintainedStore]:
    """Yield a store on the cluster of the tests, without an index; it is removed at the end."""
    urls: tuple[str, ...] = request.getfixturevalue("cluster_urls")
    hosts = ",".join(url.partition("://")[2] for url in urls)
    location = f"opensearch+http://{hosts}/s-{secrets.token_hex(5)}?shards=2&replicas=0"
    yield store_of(location)
    address = ClusterAddress.of(location)
    with contextlib.closing(Cluster(address)) as cluster:
        cluster.call("DELETE", f"/{address.name}-*", timeout=60)


@pytest.fixture(params=["memory", "embedded", ON_A_CLUSTER])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MaintainedStore]:
    """Yield a store of each kind in turn, without an index."""
    with contextlib.ExitStack() as opened:
        if request.param == "memory":
            made: MaintainedStore = MemoryStore(refused=lambda document: "long" if document.source == LONG else "")
        elif request.param == "embedded":
            made = store_of(str(tmp_path / "index"))
        else:
            made = opened.enter_context(on_the_cluster(request))
        yield made
        with contextlib.suppress(IndexMissingError):
            assert made.verify() == ()


def analyzed(*documents: Document) -> Iterator[AnalyzedDocument]:
    """Yield the documents, analyzed."""
    analyzer = load_analyzer()
    for document in documents:
        yield analyze_document(document, analyzer, ZoneInfo(ZONE))


def article(name: str, text: str = "زار الوزير المدينة", **values: str) -> Document:
    return Document(name, text, **values)  # type: ignore[arg-type]


def fill(store: MaintainedStore, *documents: Document) -> None:
    with store.writer(create=ZONE) as writer:
        writer.add(analyzed(*documents))
        assert writer.commit() == ()


def there(store: MaintainedStore) -> dict[str, Document]:
    """Return the committed articles by id, and check that each is there once."""
    documents = list(store.documents())
    by_id = {document.id: document for document in documents}
    assert len(by_id) == len(documents) == store.count() == store.status().documents
    return by_id


def analyzing(store: MaintainedStore) -> Analyzing:
    return functools.partial(analyze_articles, zone=store.zone(), analyzer=load_analyzer(), jobs=1)


# no index, a new index


CALLS: dict[str, Callable[[MaintainedStore], object]] = {
    "writer": lambda store: store.writer(),
    "zone": lambda store: store.zone(),
    "documents": lambda store: list(store.documents()),
    "count": lambda store: store.count(),
    "status": lambda store: store.status(),
    "verify": lambda store: store.verify(),
    "behind": lambda store: store.behind(),
    "catch up": lambda store: store.catch_up(),
    "rebuild": lambda store: store.rebuild(contextlib.nullcontext),  # type: ignore[arg-type]
    "roll back": lambda store: store.roll_back(contextlib.nullcontext),  # type: ignore[arg-type]
}


def test_a_missing_index_is_the_same_error_for_every_call_and_none_makes_one(store: MaintainedStore) -> None:
    for _ in range(2):
        for call in CALLS.values():
            with pytest.raises(IndexMissingError, match="no index at"):
                call(store)


def test_a_new_index_is_empty_and_has_the_zone_it_was_made_with(store: MaintainedStore) -> None:
    with store.writer(create=ZONE) as writer:
        assert writer.zone.key == ZONE
        assert writer.existing(["a"]) == {}
        assert writer.ids_by_origin(lambda _: True) == []
    assert (there(store), store.zone().key, store.status().zone) == ({}, ZONE, ZONE)


def test_an_index_keeps_its_zone_whatever_the_next_writer_asks_for(store: MaintainedStore) -> None:
    fill(store, article("a"))
    with store.writer(create=DEFAULT_ZONE) as writer:
        assert writer.zone.key == ZONE
    assert store.zone().key == ZONE
    assert set(there(store)) == {"a"}


# adding, replacing, deleting


def test_articles_come_back_to_the_letter(store: MaintainedStore) -> None:
    documents = [
        Document("a", "نص\nثانٍ  \u200f", "عنوان", origin="/أخبار/n.jsonl:7", source="س", author="سعاد"),
        *(Document(name, "نص") for name in ("a b", "#a", "_a", "س" * 300, "x\ny", "ا/ب?c=1")),
    ]
    fill(store, *documents)
    assert there(store) == {document.id: document for document in documents}


def test_nothing_is_there_before_the_commit_and_all_after_it(store: MaintainedStore) -> None:
    fill(store, article("old"), article("gone"))
    with store.writer() as writer:
        writer.add(analyzed(article("new"), article("old", "نص جديد")))
        writer.delete(["gone"])
        assert {name: document.text for name, document in there(store).items()} == {
            "old": article("old").text,
            "gone": article("gone").text,
        }
        writer.commit()
        assert {name: document.text for name, document in there(store).items()} == {
            "old": "نص جديد",
            "new": article("new").text,
        }


def test_the_last_of_several_changes_of_an_article_counts(store: MaintainedStore) -> None:
    with store.writer(create=ZONE) as writer:
        writer.add(analyzed(article("a", "أول"), article("a", "ثان"), article("b")))
        writer.delete(["b"])
        writer.add(analyzed(article("a", "ثالث"), article("c")))
        writer.delete(["c"])
        writer.add(analyzed(article("c", "عاد")))
        writer.commit()
    assert {name: document.text for name, document in there(store).items()} == {"a": "ثالث", "c": "عاد"}


def test_deleting_counts_the_articles_that_were_there(store: MaintainedStore) -> None:
    fill(store, article("a"), article("b"))
    with store.writer() as writer:
        writer.add(analyzed(article("c")))
        assert writer.delete(["a", "a", "c", "none"]) == 2
        assert writer.delete(["a", "c"]) == 0
        writer.commit()
    assert set(there(store)) == {"b"}


def test_each_commit_that_changes_something_has_its_own_generation(store: MaintainedStore) -> None:
    fill(store, article("a"))
    first = store.status().generation
    with store.writer() as writer:
        writer.commit()
        assert store.status().generation == first
        writer.add(analyzed(article("b")))
        writer.commit()
    assert store.status().generation != first


# discarding


def discard_by_rollback(writer: ArticleWriter) -> None:
    writer.rollback()
    writer.commit()


def discard_by_failed_add(writer: ArticleWriter) -> None:
    def broken() -> Iterator[AnalyzedDocument]:
        yield from analyzed(article("c"))
        raise OSError("the disk went away")

    with pytest.raises(OSError, match="went away"):
        writer.add(broken())
    writer.commit()


def discard_by_closing(writer: ArticleWriter) -> None:
    writer.close()


@pytest.mark.parametrize("discard", [discard_by_rollback, discard_by_failed_add, discard_by_closing])
def test_what_is_discarded_was_never_there(store: MaintainedStore, discard: Callable[[ArticleWriter], None]) -> None:
    fill(store, article("a", origin="old"), article("b"))
    before = there(store)
    with contextlib.closing(store.writer()) as writer:
        writer.add(analyzed(article("a", "آخر"), article("d")))
        writer.delete(["b"])
        writer.move("a", "new")
        discard(writer)
    assert there(store) == before
    fill(store, article("e"))
    assert set(there(store)) == {"a", "b", "e"}


def test_an_exception_in_the_block_discards_what_was_added(store: MaintainedStore) -> None:
    fill(store, article("a"))
    with contextlib.suppress(ZeroDivisionError), store.writer() as writer:
        writer.add(analyzed(article("b")))
        raise ZeroDivisionError
    assert set(there(store)) == {"a"}


# looking up


def hashes(writer: ArticleWriter, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    return {name: (existing.hash, existing.origin) for name, existing in writer.existing(ids).items()}


def test_existing_articles_are_those_of_the_next_commit(store: MaintainedStore) -> None:
    fill(store, article("a", origin="f"), article("b", origin="f"))
    kept = {name: (article(name).content_hash(), "f") for name in "ab"}
    with store.writer() as writer:
        assert hashes(writer, ["b", "none", "a"]) == kept
        writer.add(analyzed(article("a", "آخر", origin="g"), article("c", origin="h")))
        writer.delete(["b"])
        changed = {
            "a": (article("a", "آخر").content_hash(), "g"),
            "c": (article("c").content_hash(), "h"),
        }
        assert hashes(writer, ["a", "b", "c"]) == changed
        writer.commit()
        assert hashes(writer, ["a", "b", "c"]) == changed
        writer.delete(["a", "c"])
        writer.rollback()
        assert hashes(writer, ["a", "b", "c"]) == changed


def test_existing_answers_for_many_ids(store: MaintainedStore) -> None:
    fill(store, article("a"), article("z"))
    with store.writer() as writer:
        assert set(writer.existing([f"n{number}" for number in range(2_500)] + ["a", "z"])) == {"a", "z"}


def test_ids_by_origin_are_sorted_and_each_article_is_asked_for_once(store: MaintainedStore) -> None:
    fill(store, *(article(name, origin=f"/{name}") for name in "dbca"))
    with store.writer() as writer:
        writer.delete(["c"])
        writer.add(analyzed(article("e", origin="/e"), article("b", origin="/new")))
        asked: list[str] = []
        assert writer.ids_by_origin(lambda origin: not asked.append(origin)) == ["a", "b", "d", "e"]  # type: ignore[func-returns-value]
        assert sorted(asked) == ["/a", "/d", "/e", "/new"]
        assert writer.ids_by_origin(lambda origin: origin == "/new") == ["b"]


def test_a_moved_article_has_its_new_origin_and_nothing_else_changed(store: MaintainedStore) -> None:
    fill(store, article("a", origin="old"), article("b", origin="other"))
    with store.writer() as writer:
        writer.move("a", "new")
        writer.move("none", "new")
        assert writer.existing(["a"])["a"] == (article("a").content_hash(), "new")
        assert writer.ids_by_origin(lambda origin: origin == "new") == ["a"]
        assert there(store)["a"].origin == "old"
        writer.commit()
    assert there(store) == {"a": article("a", origin="new"), "b": article("b", origin="other")}


def test_an_article_that_waits_for_its_commit_moves_too(store: MaintainedStore) -> None:
    with store.writer(create=ZONE) as writer:
        writer.add(analyzed(article("a", origin="old")))
        writer.move("a", "new")
        writer.delete(["a"])
        writer.move("a", "newer")
        assert writer.existing(["a"]) == {}
        writer.add(analyzed(article("a", origin="old")))
        writer.move("a", "newest")
        writer.commit()
    assert there(store) == {"a": article("a", origin="newest")}


# commits


def test_what_follows_the_begin_of_a_commit_belongs_to_the_next(store: MaintainedStore) -> None:
    with store.writer(create=ZONE) as writer:
        writer.add(analyzed(article("a"), article("b")))
        commit = writer.begin_commit()
        writer.add(analyzed(article("b", "آخر"), article("c")))
        assert set(writer.existing(["a", "b", "c"])) == {"a", "b", "c"}
        writer.rollback()
        assert commit.wait() == commit.wait() == ()
        assert there(store) == {"a": article("a"), "b": article("b")}
        assert writer.delete(["a", "c"]) == 1
        first, second = writer.begin_commit(), writer.begin_commit()
        assert (second.wait(), first.wait()) == ((), ())
    assert set(there(store)) == {"b"}


def test_closing_a_writer_waits_for_the_commit_that_was_begun(store: MaintainedStore) -> None:
    with store.writer(create=ZONE) as writer:
        writer.add(analyzed(article("a")))
        writer.begin_commit()
    assert set(there(store)) == {"a"}
    assert store.behind() == 0


def test_an_added_article_is_indexed_or_refused(store: MaintainedStore) -> None:
    fill(store, article("a"))
    bad, good = article("a", "جديد", source=LONG, origin="file:7"), article("b")
    with store.writer() as writer:
        writer.add(analyzed(bad, good))
        begun = writer.begin_commit()
        refusals = begun.wait()
        existing = writer.existing(["a"])["a"]
        assert writer.commit() == ()
    indexed = there(store)
    assert indexed["b"] == good
    if refusals:
        ((name, _, origin, document),) = [
            (refusal.document_id, refusal.reason, refusal.origin, refusal.document) for refusal in refusals
        ]
        assert (name, origin, document) == ("a", "file:7", bad)
    assert indexed["a"] == (article("a") if refusals else bad)
    assert existing.hash == indexed["a"].content_hash()


# locks, and reading meanwhile


def test_a_second_writer_is_refused_until_the_first_is_closed(store: MaintainedStore) -> None:
    with store.writer(create=ZONE) as first:
        for second in (store.writer, store.catch_up):
            with pytest.raises(IndexLockedError, match="process"):
                second()
        first.add(analyzed(article("a")))
        first.commit()
    fill(store, article("b"))
    assert set(there(store)) == {"a", "b"}


def test_documents_are_those_of_one_point_in_time(store: MaintainedStore) -> None:
    documents = [article(f"n{number:03}", f"نص رقم {number}") for number in range(MANY)]
    fill(store, *documents)
    reading = store.documents()
    seen = [next(reading)]
    with store.writer() as writer:
        writer.delete(["n200", "n440"])
        writer.add(analyzed(*(article(f"n{number:03}", "آخر") for number in range(300, 420)), article("z")))
        writer.commit()
        seen += reading
    assert {document.id: document for document in seen} == {document.id: document for document in documents}
    assert len(seen) == MANY
    assert set(there(store)) == {document.id for document in documents} - {"n200", "n440"} | {"z"}


# maintenance


def test_the_status_is_that_of_the_last_commit(store: MaintainedStore) -> None:
    fill(store, article("a"), article("b"))
    status = store.status()
    assert (status.documents, status.zone, status.behind, status.up_to_date) == (2, ZONE, 0, True)
    assert status.location == redacted(store.location)
    assert status.size_bytes > 0


def test_a_sound_index_has_no_problems_and_nothing_to_catch_up_with(store: MaintainedStore) -> None:
    fill(store, article("a"), article("b", "كتاب"))
    fill(store, article("c"))
    before = store.status()
    assert store.verify() == ()
    assert (store.behind(), store.catch_up()) == (0, 0)
    after = store.status()
    assert (after.generation, after.documents) == (before.generation, 3)


def test_a_rebuild_has_the_same_articles_in_another_generation(store: MaintainedStore) -> None:
    fill(store, *(article(name) for name in "abc"))
    before, generation = there(store), store.status().generation
    calls: list[tuple[int, float]] = []

    assert store.rebuild(analyzing(store), lambda *now: calls.append(now)) == 3

    assert there(store) == before
    assert store.status().generation != generation
    assert calls == sorted(calls)
    assert calls[-1] == (3, 1.0)
    fill(store, article("d"))
    assert set(there(store)) == set("abcd")


def test_a_rebuild_that_fails_changes_nothing(store: MaintainedStore) -> None:
    fill(store, article("a"), article("b"))
    before, generation = there(store), store.status().generation

    def broken(documents: Iterable[Document]) -> AbstractContextManager[Iterator[AnalyzedDocument]]:
        def failing() -> Iterator[AnalyzedDocument]:
            yield from analyzed(next(iter(documents)))
            raise IndexingError("a worker died")

        return contextlib.nullcontext(failing())

    with pytest.raises(IndexingError, match="a worker died"):
        store.rebuild(broken)
    assert there(store) == before
    assert store.status().generation == generation


def test_a_rollback_after_a_rebuild_loses_no_article_whether_it_is_possible_or_not(store: MaintainedStore) -> None:
    fill(store, article("a"), article("b"))
    store.rebuild(analyzing(store))
    fill(store, article("a", "آخر"), article("c"))
    with store.writer() as writer:
        writer.delete(["b"])
        writer.commit()
    before = there(store)
    with contextlib.suppress(IndexingError):
        assert store.roll_back(analyzing(store)) == 2
    assert there(store) == before == {"a": article("a", "آخر"), "c": article("c")}
