"""Articles with a word of their own for every version, random batches of changes, and which state an index holds."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import enum
import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from index import build
from index.analysis.pipeline import load_analyzer
from index.document import AnalyzedDocument, Document
from index.engines import open_writer
from index.engines.embedded.writer import EmbeddedWriter
from index.errors import IndexingError
from index.jobs import analyze_document
from index.schema import Level
from search.engine import EngineRequest, Searcher
from search.engines import open_engine
from search.errors import SearchError
from search.query import MatchAll
from tests.engines.articles import ZONE, term

State = Mapping[str, int]
"""Which version stands under each id."""

Change = tuple[str, int | None]
"""An id, and the version that comes under it; None deletes."""

Batch = tuple[Change, ...]

EVERYTHING = 100_000
"""A limit above the number of articles in any of these tests."""

_LETTERS = "bdfghjklmnrsz"
_FILLER = "common words stand around the one that matters and make the files a little longer"


class Outcome(enum.StrEnum):
    """What became of an index."""

    INTACT = "intact"
    LOST = "lost"
    """It opens, but is in no state that it may be in: something acknowledged is missing, or a half is there."""
    UNOPENABLE = "unopenable"
    UNSOUND = "unsound"
    """All articles are there, but search, the lock or `verify` says something else."""


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """What `examine` found; `state` is what the index holds, as far as it could be read."""

    outcome: Outcome
    state: State = dataclasses.field(default_factory=dict)
    detail: str = ""


def word_of(document_id: str, version: int) -> str:
    """Return the word that only this version of this article has."""
    return f"w{_spelled(int(document_id))}v{_spelled(version)}"


def document(document_id: str, version: int) -> Document:
    """Return a version of an article; now and then a long one."""
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
    """Return a version as the writer takes it; by the real analyzer, so that a repair brings the same."""
    return analyze_document(document(document_id, version), load_analyzer(), ZONE)


def random_batch(chance: random.Random, state: State) -> Batch:
    """Return one to four changes to different articles: mostly new ones while there are few, then more deletions."""
    changes: dict[str, int | None] = {}
    for _ in range(chance.randint(1, 4)):
        known = bool(state) and chance.random() < 0.5
        document_id = chance.choice(sorted(state)) if known else str(chance.randrange(40))
        gone = document_id in state and chance.random() < len(state) / 60
        changes[document_id] = None if gone else chance.randrange(1, 10**6)
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
    """Give a batch to a writer, without a commit."""
    for document_id, version in batch:
        if version is None:
            writer.delete([document_id])
        else:
            writer.add([analyzed(document_id, version)])


def rebuild(writer: EmbeddedWriter) -> None:
    """Let a writer build its files anew from its articles."""
    writer.rebuild([analyze_document(kept, load_analyzer(), ZONE) for kept in writer.archive.documents()])


def make_index(location: str, batches: Sequence[Batch]) -> State:
    """Make an index with one commit for each batch; return its state."""
    state: State = {}
    with open_writer(location, create=ZONE.key) as writer:
        for batch in batches:
            write(writer, batch)
            writer.commit()
            state = after(state, batch)
    return state


def held(searcher: Searcher) -> State:
    """Return the state that a searcher sees, each text compared to the letter; -1 stands for any other text."""
    state = {}
    for hit in searcher.search(EngineRequest(MatchAll(), limit=EVERYTHING)).hits:
        stored = searcher.get(hit.id)
        version = -1
        if stored is not None:
            with contextlib.suppress(ValueError):
                version = _version(stored.document.text)
            if version >= 0 and stored.document != document(hit.id, version):
                version = -1
        state[hit.id] = version
    return state


def examine(location: str, possible: Sequence[State]) -> Finding:
    """Open an index as a program would after a crash, and find out which of the `possible` states it is in."""
    try:
        engine = open_engine(location)
        try:
            with engine.searcher() as searcher:
                state = held(searcher)
                detail = "" if state not in possible else _search_faults(searcher, state, possible)
        finally:
            engine.close()
        if state not in possible:
            return Finding(Outcome.LOST, state, f"holds {state}, may hold {' or '.join(map(str, possible))}")
        detail = detail or "; ".join(build.verify(location))
        with open_writer(location):  # the lock is free
            pass
    except (SearchError, IndexingError) as error:
        return Finding(Outcome.UNOPENABLE, detail=f"{type(error).__name__}: {error}")
    return Finding(Outcome.UNSOUND if detail else Outcome.INTACT, state, detail)


def strays(location: str) -> list[str]:
    """Return the files that no commit point names, with or without their ending, and all but two tables."""
    tables = sorted(Path(location).rglob("*.toc"), key=lambda path: path.stat().st_mtime_ns)
    named = b"".join(path.read_bytes() for path in tables)
    found = [str(path) for path in tables[:-2]]
    for folder in Path(location).iterdir():
        if folder.is_dir():
            files = (path for path in folder.iterdir() if path.suffix != ".toc")
            found += [str(path) for path in files if path.stem.encode() not in named]
        elif not folder.name.startswith(("articles.sqlite3", "manifest.json", "writer.lock")) or ".new" in folder.name:
            found.append(str(folder))
    return found


def _search_faults(searcher: Searcher, state: State, possible: Sequence[State]) -> str:
    """Return what is wrong with the words: each must find its own article, and no word of another version any."""
    for document_id, version in sorted({item for known in possible for item in known.items()}):
        word = word_of(document_id, version)
        found = [hit.id for hit in searcher.search(EngineRequest(term(word, widest=Level.EXACT))).hits]
        expected = [document_id] if state.get(document_id) == version else []
        if found != expected:
            return f"{word} finds {found} instead of {expected}"
    documents = searcher.info().documents
    return "" if documents == len(state) else f"counts {documents} articles instead of {len(state)}"


def _spelled(number: int) -> str:
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
