"""`--sync` stops before it removes most of what the index has under a path, unless that is allowed."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import build
from index.engines import store_of
from index.errors import RemovalsError, SourceError
from index.removals import FEW
from index.store import Store
from tests.index.memory import MemoryStore, installed
from tests.index.test_build import outcome


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An index in a folder, and one of another engine."""
    if request.param == "folder":
        return store_of(str(tmp_path / "index"))
    return installed(MemoryStore(), monkeypatch)


def write(path: Path, names: Iterable[str]) -> Path:
    """Write a file of articles with these ids; each has the same text."""
    path.write_text("".join(json.dumps({"id": name, "text": "نص"}) + "\n" for name in names), "utf-8")
    return path


def fill(folder: Path, names: Iterable[str]) -> Path:
    """Write a file for each article."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        write(folder / f"{name}.jsonl", [name])
    return folder


def empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def ids(store: Store) -> set[str]:
    return {document.id for document in store.documents()}


def names(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{number:03}" for number in range(count)]


def sync(store: Store, *paths: Path, allowed: bool = False) -> dict[str, float]:
    return outcome(build.add_articles(store.location, paths, sync=True, allow_removals=allowed))


@pytest.mark.parametrize("count", [1, FEW, 40])
def test_an_emptied_folder_stops_the_run_however_few_articles_it_had(store: Store, tmp_path: Path, count: int) -> None:
    folder = fill(tmp_path / "news", names("a", count))
    build.add_articles(store.location, [folder])
    empty(folder)

    for _ in range(2):
        with pytest.raises(RemovalsError, match=rf"{count} of the {count} articles under {folder};.*--allow-removals"):
            sync(store, folder)
        assert ids(store) == set(names("a", count))

    assert sync(store, folder, allowed=True) == {"removed": count}
    assert ids(store) == set()


@pytest.mark.parametrize(
    ("known", "gone", "stops"),
    [
        (2, 1, False), (6, 5, False), (7, 6, True), (12, 6, False), (13, 7, True), (40, 20, False),
        (40, 21, True), (100, 50, False), (100, 51, True),
    ],
)  # fmt: skip
def test_more_than_half_of_a_file_or_folder_stops_the_run_but_a_few_do_not(
    store: Store, tmp_path: Path, *, known: int, gone: int, stops: bool
) -> None:
    folder, file = fill(tmp_path / "news", names("a", known)), write(tmp_path / "all.jsonl", names("b", known))
    build.add_articles(store.location, [folder, file])
    for name in names("a", gone):
        (folder / f"{name}.jsonl").unlink()
    write(file, names("b", known)[gone:])

    for path in (folder, file):
        if stops:
            with pytest.raises(RemovalsError, match=rf"{gone} of the {known} articles under {path};"):
                sync(store, path)
        else:
            assert sync(store, path) == {"unchanged": known - gone, "removed": gone}
    assert len(ids(store)) == 2 * (known if stops else known - gone)


def test_a_truncated_file_stops_the_run(store: Store, tmp_path: Path) -> None:
    file = write(tmp_path / "all.jsonl", names("a", 1_000))
    build.add_articles(store.location, [file])
    write(file, names("a", 10))

    with pytest.raises(RemovalsError, match="990 of the 1,000 articles under"):
        sync(store, file)
    assert len(ids(store)) == 1_000


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x00" * 400])
def test_a_file_without_articles_removes_nothing(store: Store, tmp_path: Path, content: bytes) -> None:
    file = write(tmp_path / "all.jsonl", names("a", 12))
    build.add_articles(store.location, [file])
    file.write_bytes(content)

    with contextlib.suppress(RemovalsError):
        assert sync(store, file) == {"refused": 1}
    assert len(ids(store)) == 12


def test_a_small_path_does_not_hide_behind_a_large_one(store: Store, tmp_path: Path) -> None:
    large, small = fill(tmp_path / "large", names("a", 90)), fill(tmp_path / "small", names("b", 8))
    build.add_articles(store.location, [large, small])
    empty(small)
    (large / "a000.jsonl").unlink()

    with pytest.raises(RemovalsError, match=rf"8 of the 8 articles under {small};"):
        sync(store, large, small)
    assert len(ids(store)) == 98  # nothing was removed, not even what is missing under the large path

    with pytest.raises(RemovalsError, match=rf"8 of the 8 articles under {small};"):
        sync(store, tmp_path, small)  # one inside the other
    assert sync(store, large) == {"unchanged": 89, "removed": 1}


def test_every_path_that_lost_too_much_is_named_and_the_first_few_of_many(store: Store, tmp_path: Path) -> None:
    folders = [fill(tmp_path / f"share {number}", names(f"{number}-", 7)) for number in range(8)]
    build.add_articles(store.location, folders)
    for folder in folders:
        empty(folder)

    with pytest.raises(RemovalsError, match=r"articles under .*share 0, and .*share 4, and most .* 3 more paths;"):
        sync(store, *folders)


def test_what_the_stopped_run_added_and_replaced_stays(store: Store, tmp_path: Path) -> None:
    folder, other = fill(tmp_path / "news", names("a", 40)), fill(tmp_path / "other", ["b"])
    build.add_articles(store.location, [folder, other])
    empty(folder)
    fill(folder, [*names("a", 3), *names("new", 5)])
    (folder / "a000.jsonl").write_text(json.dumps({"id": "a000", "text": "نص جديد"}), "utf-8")
    fill(other, names("c", 9))

    with pytest.raises(
        RemovalsError, match=r"37 of the 40 articles .*; nothing was removed, and what it added .* stays"
    ):
        sync(store, folder, other)

    assert ids(store) == {*names("a", 40), *names("new", 5), "b", *names("c", 9)}
    texts = {document.id: document.text for document in store.documents()}
    assert texts["a000"] == "نص جديد"


def test_a_stopped_run_does_not_prepare_its_own_success(store: Store, tmp_path: Path) -> None:
    """Another share under the path has many articles of its own: they would make the missing ones a minority."""
    folder, other = fill(tmp_path / "news", names("a", 40)), fill(tmp_path / "other", ["b"])
    build.add_articles(store.location, [folder, other])
    empty(folder)
    fill(folder, names("new", 60))
    fill(other, names("c", 9))

    for _ in range(3):
        with pytest.raises(RemovalsError, match=r"40 of the 40 articles .* its 60 new articles there were taken out"):
            sync(store, folder, other)
        assert ids(store) == {*names("a", 40), "b", *names("c", 9)}

    assert sync(store, folder, other, allowed=True) == {"added": 60, "unchanged": 10, "removed": 40}


def test_a_trickle_of_new_articles_does_not_release_the_brake(store: Store, tmp_path: Path) -> None:
    folder = fill(tmp_path / "news", names("a", 20))
    build.add_articles(store.location, [folder])
    empty(folder)
    for hour in range(12):
        fill(folder, names(f"new{hour}-", 4))
        with pytest.raises(RemovalsError, match="20 of the"):
            sync(store, folder)
        assert set(names("a", 20)) <= ids(store)


@pytest.mark.parametrize("kind", ["folder above", "file", "split"])
def test_articles_that_moved_are_no_loss(store: Store, tmp_path: Path, kind: str) -> None:
    old = fill(tmp_path / "old", names("a", 20))
    build.add_articles(store.location, [old])
    new = tmp_path / "new"
    old.rename(new)
    if kind == "file":
        new = write(tmp_path / "all.jsonl", names("a", 20))
    paths = [new]
    if kind == "split":
        old.mkdir()
        for name in names("a", 10):
            (new / f"{name}.jsonl").rename(old / f"{name}.jsonl")
        paths = [old, new]

    assert sync(store, *paths) == {"unchanged": 20}
    assert {document.id for document in store.documents()} == set(names("a", 20))
    if kind != "split":
        old.mkdir()
        assert sync(store, old) == {}  # nothing comes from there any more


def test_a_folder_that_was_renamed_within_the_path_is_no_loss(store: Store, tmp_path: Path) -> None:
    fill(tmp_path / "news" / "2023", names("a", 20))
    build.add_articles(store.location, [tmp_path / "news"])
    (tmp_path / "news" / "2023").rename(tmp_path / "news" / "archive")

    assert sync(store, tmp_path / "news") == {"unchanged": 20}


def test_unreadable_files_remove_nothing_and_do_not_count(store: Store, tmp_path: Path) -> None:
    folder = fill(tmp_path / "news", names("a", 20))
    build.add_articles(store.location, [folder])
    for name in names("a", 12):
        (folder / f"{name}.jsonl").write_bytes(b"\x00\x01\x02" * 50)
    assert sync(store, folder) == {"refused": 12, "unchanged": 8}

    for name in names("a", 18)[12:]:
        (folder / f"{name}.jsonl").unlink()
    with pytest.raises(RemovalsError, match="6 of the 8 articles"):
        sync(store, folder)
    assert len(ids(store)) == 20


def test_a_missing_path_stops_the_run_before_it_begins(store: Store, tmp_path: Path) -> None:
    here, gone = fill(tmp_path / "here", names("a", 3)), fill(tmp_path / "gone", names("b", 3))
    build.add_articles(store.location, [here, gone])
    shutil.rmtree(gone)
    fill(here, ["new"])

    for allowed in (False, True):
        with pytest.raises(SourceError, match="gone"):
            sync(store, here, gone, allowed=allowed)
    assert ids(store) == {*names("a", 3), *names("b", 3)}


def test_without_sync_nothing_is_removed_and_nothing_stops(store: Store, tmp_path: Path) -> None:
    folder = fill(tmp_path / "news", names("a", 20))
    build.add_articles(store.location, [folder])
    empty(folder)
    assert outcome(build.add_articles(store.location, [folder], allow_removals=True)) == {}
    assert len(ids(store)) == 20


@pytest.fixture(scope="module")
def synced() -> Iterator[tuple[Path, list[set[str]]]]:
    """Three folders of articles and a store that has them all."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        articles = [set(names(prefix, count)) for prefix, count in (("a", 30), ("b", 7), ("c", 2))]
        for number, some in enumerate(articles):
            fill(root / f"share{number}", some)
        yield root, articles


@settings(max_examples=60)
@given(choices=st.data())
def test_no_subset_of_vanished_files_removes_more_than_is_allowed(
    synced: tuple[Path, list[set[str]]], choices: st.DataObject
) -> None:
    root, articles = synced
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory(dir=root) as work:
        store = installed(MemoryStore(), patch)
        paths = [Path(work) / f"share{number}" for number in range(len(articles))]
        for path, some in zip(paths, articles, strict=True):
            fill(path, some)
        build.add_articles(store.location, paths)
        for path, some in zip(paths, articles, strict=True):
            count = choices.draw(st.integers(0, len(some)))
            vanished = choices.draw(st.permutations(sorted(some)))[:count]
            for name in vanished:
                (path / f"{name}.jsonl").unlink()
            fill(path, choices.draw(st.sets(st.sampled_from(names(f"{path.name}-", 40)))))

        for _ in range(2):
            try:
                sync(store, *paths)
            except RemovalsError:
                assert ids(store) >= set().union(*articles)
            else:
                break

        for some in articles:
            lost = len(some - ids(store))
            assert lost < len(some)
            assert lost <= max(FEW, len(some) // 2)
