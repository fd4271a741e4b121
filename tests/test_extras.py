"""A library that is not installed: one sentence that names the extra, and nothing else is lost."""

from __future__ import annotations

import re
import sys
import tomllib
import typing
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from index.document import Document, Refusal
from index.engines import store_of
from index.errors import MissingExtraError
from index.extras import Extra
from index.sources import ArticleReader
from search.engines import open_engine
from search.errors import EngineUnavailableError

ROOT = Path(__file__).resolve().parents[1]
LOCATION = "opensearch+http://127.0.0.1:1/news"
NO_CLIENT = "indexes on OpenSearch need the library opensearchpy; install judhur[opensearch]"

Hide = Callable[[str], None]


@pytest.fixture
def hide(monkeypatch: pytest.MonkeyPatch) -> Hide:
    """Make a library look as if it were not installed; the modules that have imported it are imported again."""

    def hidden(library: str) -> None:
        for name in [*sys.modules]:
            if name.startswith(f"{library}.") or ".engines.opensearch" in name:
                monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, library, None)  # how Python marks a module that must not be found

    return hidden


def read(folder: Path) -> tuple[ArticleReader, list[Document], list[Refusal]]:
    reader = ArticleReader([folder], zone=ZoneInfo("Asia/Riyadh"))
    items = list(reader.read())
    return reader, [i for i in items if isinstance(i, Document)], [i for i in items if isinstance(i, Refusal)]


@pytest.mark.parametrize(
    ("library", "name", "reason"),
    [
        ("trafilatura", "page.html", "web pages need the library trafilatura; install judhur[html]"),
        ("feedparser", "feed.xml", "feeds need the library feedparser; install judhur[feeds]"),
    ],
)
def test_a_file_whose_library_is_missing_is_refused_and_the_others_are_read(
    library: str, name: str, reason: str, hide: Hide, tmp_path: Path
) -> None:
    hide(library)
    (tmp_path / name).write_text("<p>نص</p>", "utf-8")
    (tmp_path / "news.txt").write_text("زار الوزير المدينة.", "utf-8")

    reader, documents, refusals = read(tmp_path)

    assert [document.id for document in documents] == ["news"]
    assert [(refusal.reason, refusal.origin) for refusal in refusals] == [(reason, str(tmp_path / name))]
    assert reader.failed_origins == {str(tmp_path / name)}, "its articles would be removed by --sync"


def test_a_store_on_a_cluster_names_the_missing_extra(hide: Hide) -> None:
    hide("opensearchpy")

    with pytest.raises(MissingExtraError) as raised:
        store_of(LOCATION)

    assert str(raised.value) == NO_CLIENT


def test_an_engine_on_a_cluster_names_the_missing_extra(hide: Hide) -> None:
    hide("opensearchpy")

    with pytest.raises(EngineUnavailableError) as raised:
        open_engine(LOCATION)

    assert str(raised.value) == NO_CLIENT


def test_every_extra_that_the_code_names_is_declared() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]

    assert set(typing.get_args(Extra)) | {"all"} == set(declared)


def test_the_locks_hold_every_extra() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    libraries = [re.split(r"[<>=\[]", need)[0] for needs in declared.values() for need in needs]
    locked = re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE)

    assert set(libraries) - {"judhur"} <= set(locked)
