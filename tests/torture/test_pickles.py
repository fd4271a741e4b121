"""A pickle in an index folder is never executed, whatever its name: opening an index must not run foreign code."""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from whoosh.fields import Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, open_dir

from index import build
from index.errors import IndexingError
from search.engines import open_engine
from search.errors import SearchError
from tests.index.embedded import open_writer
from tests.torture import history

BATCHES: tuple[history.Batch, ...] = ((("1", 1), ("2", 2)), (("3", 3), ("1", None)))

NAMES = (
    "_MAIN_1.toc", "_MAIN_2.toc", "_MAIN_99.toc", "_MAIN_999999999999.toc", "MAIN_x.seg", "MAIN_x.del", "MAIN.toc",
    "MAIN_x.pickle", "manifest.json", "manifest.pickle", "manifest.new", "writer.lock", "articles.sqlite3",
    "articles.sqlite3-wal", "schema.pickle", "__init__.py",
)  # fmt: skip


class Bomb:
    """An object whose unpickling creates the folder `marker`."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.mkdir, (self._marker,)  # type: ignore[return-value]


class BombSchema(Schema):  # type: ignore[misc]
    """The same, as the schema in a table of contents in Whoosh's own format."""

    marker: Path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.mkdir, (self.marker,)


def plain(marker: Path) -> bytes:
    return pickle.dumps(Bomb(marker), 0)


def modern(marker: Path) -> bytes:
    return pickle.dumps(Bomb(marker), 5)


def whooshs_own(marker: Path) -> bytes:
    """Return a table of contents in Whoosh's own format, which Whoosh itself opens."""
    schema = BombSchema()
    schema.marker = marker
    folder = marker.with_name("crafting")
    folder.mkdir()
    TOC(schema, [], 1).write(FileStorage(str(folder)), "MAIN")
    return (folder / "_MAIN_1.toc").read_bytes()


CRAFTED: tuple[Callable[[Path], bytes], ...] = (plain, modern, whooshs_own)


def use(location: str) -> None:
    """Execute every operation on an index; errors are allowed, unpickling is not."""

    def search() -> None:
        engine = open_engine(location)
        try:
            with engine.searcher() as searcher:
                history.held(searcher)
        finally:
            engine.close()

    def add() -> None:
        with open_writer(location) as writer:
            history.write(writer, (("9", 9),))
            writer.commit()

    for action in (search, add, search, lambda: build.status(location), lambda: build.verify(location)):
        with contextlib.suppress(SearchError, IndexingError):
            action()
    with contextlib.suppress(IndexingError):
        build.rebuild(location)
    with contextlib.suppress(SearchError, IndexingError):
        search()


@pytest.mark.parametrize("crafted", CRAFTED)
@pytest.mark.parametrize("name", NAMES)
def test_a_crafted_file_of_any_name_does_not_run(scratch: Path, name: str, crafted: Callable[[Path], bytes]) -> None:
    location, marker = scratch / "index", scratch / "it ran"
    history.make_index(str(location), BATCHES)
    content = crafted(marker)
    for folder in [location, *(path for path in location.iterdir() if path.is_dir())]:
        (folder / name).write_bytes(content)
    use(str(location))
    assert not marker.exists(), f"{name} was unpickled"


@pytest.mark.parametrize("crafted", CRAFTED)
def test_no_file_of_an_index_is_unpickled(scratch: Path, crafted: Callable[[Path], bytes]) -> None:
    history.make_index(str(scratch / "0"), BATCHES)
    files = sorted(path.relative_to(scratch / "0") for path in (scratch / "0").rglob("*") if path.is_file())
    content = crafted(scratch / "it ran")
    for number in range(1, len(files) + 1):
        location = scratch / str(number)
        history.make_index(str(location), BATCHES)
        # Segments have random names, so the file is identified by its position in the list.
        path = sorted(path for path in location.rglob("*") if path.is_file())[number - 1]
        path.write_bytes(content)
        use(str(location))
        assert not (scratch / "it ran").exists(), f"{path.name} was unpickled"


# Whoosh does not close a file that it cannot read.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_crafted_files_run_when_they_are_unpickled(scratch: Path) -> None:
    """The control of the tests above: Whoosh and `pickle` do execute the crafted files."""
    (scratch / "_MAIN_1.toc").write_bytes(whooshs_own(scratch / "it ran"))
    with contextlib.suppress(Exception):
        open_dir(str(scratch)).close()
    assert (scratch / "it ran").is_dir()
    for crafted in (plain, modern):
        pickle.loads(crafted(scratch / crafted.__name__))  # noqa: S301 - the test shows that it runs
        assert (scratch / crafted.__name__).is_dir()
