"""Articles with a unique word for every version, random batches of changes, and the state that an index has."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import enum
import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from index import build
from index.analysis.installed import load_analyzer
from index.document import AnalyzedDocument, Document
from index.engines.embedded.writer import EmbeddedWriter
from index.errors import IndexingError
from index.jobs import analyze_document
from index.schema import Level
from search.engine import EngineRequest, Listing, Searcher
from search.engines import open_engine
from search.errors import SearchError
from search.query import MatchAll
from tests.engines.articles import ZONE, term
from tests.index.embedded import open_writer

State = Mapping[str, int]
"""Id → version of each article of an index."""

Change = tuple[str, int | None]
"""An id and its new version; None deletes the article."""

Batch = tuple[Change, ...]

EVERYTHING = 100_000
"""A limit greater than the number of articles in any of these tests."""

_LETTERS = "bdfghjklmnrsz"
_FILLER = "common words stand around the one that matters and make the files a little longer"


class Outcome(enum.StrEnum):
    """The condition of an index after a fault."""

    INTACT = "intact"
    LOST = "lost"
    """It opens, but its state is not one of the possible ones: an acknowledged change is missing, or half a commit is
    visible."""
    UNOPENABLE = "unopenable"
    UNSOUND = "unsound"
    """Its articles are right, but a search is wrong, the lock is held, or `verify` reports a problem."""


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """The result of `examine`; `state` is the state of the index, as far as it could be read."""

    outcome: Outcome
    state: State = dataclasses.field(default_factory=dict)
    detail: str = ""


def word_of(document_id: str, version: int) -> str:
    """Return the word that only this version of this article has."""
    return f"w{_in_letters(int(document_id))}v{_in_letters(version)}"


def document(document_id: str, version: int) -> Document:
    """Return a version of an article; every seventh version is long."""
    word = word_of(document_id, version)
    return Document(
        id=document_id,
        text=f"{word} {_FILLER} " + f"{_FILLER} " * (40 if version % 7 == 0 else 1) + word,
        title=f"title {word}" if version % 2 else "",
        source=("x", "y", None)[version % 3],
        agencies=("r", "t")[: version % 3],
        published=dt.date(2025, 1, 1) + dt.timedelta(days=version % 50) if version % 5 else None,
    )


def analyzed(document_id: str, version: int) -> AnalyzedDocument:
    """Return a version as the writer takes it, from the real analyzer, so that a rebuild gives the same terms."""
    return analyze_document(document(document_id, version), load_analyzer(), ZONE)


def random_batch(chance: random.Random, state: State) -> Batch:
    """Return one to four changes of different articles: mostly new ones while there are few, later more deletions."""
    changes: dict[str, int | None] = {}
    for _ in range(chance.randint(1, 4)):
        existing = bool(state) and chance.random() < 0.5
        document_id = chance.choice(sorted(state)) if existing else str(chance.randrange(40))
        deleted = document_id in state and chance.random() < len(state) / 60
        changes[document_id] = None if deleted else chance.randrange(1, 10**6)
    return tuple(changes.items())


def after(state: State, batch: Iterable[Change]) -> State:
    """Return the state after a batch."""
    changed = dict(state)
    for document_id, version in batch:
        if version is None:
            changed.pop(document_id, None)
        else:
            changed[document_id] = version
    return changed


def write(writer: EmbeddedWriter, batch: Iterable[Change]) -> None:
    """Pass a batch to a writer, without a commit."""
    for document_id, version in batch:
        if version is None:
            writer.delete([document_id])
        else:
            writer.add([analyzed(document_id, version)])


def rebuild(writer: EmbeddedWriter) -> None:
    """Rebuild the files of a writer from its stored articles."""
    writer.rebuild([analyze_document(stored, load_analyzer(), ZONE) for stored in writer.archive.documents()])


def make_index(location: str, batches: Sequence[Batch]) -> State:
    """Create an index with one commit for each batch; return its state."""
    state: State = {}
    with open_writer(location, create=ZONE.key) as writer:
        for batch in batches:
            write(writer, batch)
            writer.commit()
            state = after(state, batch)
    return state


def held(searcher: Searcher) -> State:
    """Return the state that a searcher sees, comparing the whole of each document; version -1 is any other document."""
    state = {}
    for hit in searcher.search(EngineRequest(Listing(MatchAll()), limit=EVERYTHING)).hits:
        stored = searcher.get_many([hit.id])[0]
        version = -1
        if stored is not None:
            with contextlib.suppress(ValueError):
                version = _version(stored.document.text)
            if version >= 0 and stored.document != document(hit.id, version):
                version = -1
        state[hit.id] = version
    return state


def examine(location: str, possible: Sequence[State]) -> Finding:
    """Open an index as a program would after a crash, and compare it with the `possible` states."""
    try:
        engine = open_engine(location)
        try:
            with engine.searcher() as searcher:
                state = held(searcher)
                detail = "" if state not in possible else _search_faults(searcher, state, possible)
        finally:
            engine.close()
        if state not in possible:
            return Finding(Outcome.LOST, state, f"has {state} instead of {' or '.join(map(str, possible))}")
        detail = detail or "; ".join(build.verify(location))
        with open_writer(location):  # the lock is free
            pass
    except (SearchError, IndexingError) as error:
        return Finding(Outcome.UNOPENABLE, detail=f"{type(error).__name__}: {error}")
    return Finding(Outcome.UNSOUND if detail else Outcome.INTACT, state, detail)


def strays(location: str) -> list[str]:
    """Return the files that no commit point names, with or without extension, and all commit points but two."""
    commit_points = sorted(Path(location).rglob("*.toc"), key=lambda path: path.stat().st_mtime_ns)
    named = b"".join(path.read_bytes() for path in commit_points)
    stray = [str(path) for path in commit_points[:-2]]
    for entry in Path(location).iterdir():
        if entry.is_dir():
            files = (path for path in entry.iterdir() if path.suffix != ".toc")
            stray += [str(path) for path in files if path.stem.encode() not in named]
        elif (
            not entry.name.startswith(("articles.sqlite3", "manifest.json", "writer.lock", "verified.json"))
            or ".new" in entry.name
        ):
            stray.append(str(entry))
    return stray


def _search_faults(searcher: Searcher, state: State, possible: Sequence[State]) -> str:
    """Return the first wrong search: a word must find its article if its version is current, else nothing.

    Empty if all searches are right.
    """
    for document_id, version in sorted({item for other in possible for item in other.items()}):
        word = word_of(document_id, version)
        found = [hit.id for hit in searcher.search(EngineRequest(Listing(term(word, widest=Level.EXACT)))).hits]
        expected = [document_id] if state.get(document_id) == version else []
        if found != expected:
            return f"{word} finds {found} instead of {expected}"
    documents = searcher.info().documents
    return "" if documents == len(state) else f"counts {documents} articles instead of {len(state)}"


def _in_letters(number: int) -> str:
    letters = ""
    while number or not letters:
        number, digit = divmod(number, len(_LETTERS))
        letters = _LETTERS[digit] + letters
    return letters


def _version(text: str) -> int:
    number = 0
    for letter in text.split(maxsplit=1)[0].partition("v")[2]:
        number = number * len(_LETTERS) + _LETTERS.index(letter)
    return number
