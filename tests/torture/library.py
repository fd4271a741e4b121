"""A small index of Arabic articles, its answers, and their comparison in a process that may crash."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import logging
import resource
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from index import build
from index.analysis.installed import load_analyzer
from index.document import AnalyzedDocument, Document
from index.errors import IndexingError
from index.jobs import analyze_document
from index.schema import LEVEL_OF_FIELD, FacetField
from search.engine import CountRequest, EngineRequest, FacetRequest, Listing, Searcher
from search.engines import open_engine
from search.errors import SearchError
from search.query import Alternative, And, DateRange, FacetFilter, MatchAll, Node, Not, Or, Phrase, Term
from search.request import Sort
from tests.engines.articles import ZONE
from tests.index.embedded import open_writer

WORDS = ("الوزير", "كتاب", "مكتبة", "الجامعة", "الاقتصاد", "سوق", "المدارس", "قال", "العاصمة", "يكتبون")

SECONDS = 60
"""Processor time that reading a damaged index may take."""
MEMORY = 2 << 30
"""Bytes of memory that it may take in addition to those of the process."""


class Verdict(enum.StrEnum):
    """The effect of damage to an index."""

    HARMLESS = "harmless"
    """All answers are as before."""
    DETECTED = "detected"
    """Opening or searching fails with a clear error or falls back with a warning."""
    VERIFIED = "found by verify"
    """All answers are as before, and `verify` reports the damage."""
    SILENT = "silent"
    """Answers are wrong without an error or a warning, whatever `verify` reports."""
    UNCLEAR = "unclear"
    """An error of another class than Judhur's, or without a remedy."""
    CRASHED = "crashed"
    """The interpreter died, or exceeded the limits of memory or time."""


REMEDIES = ("`judhur index", "from a backup")


@dataclasses.dataclass(frozen=True, slots=True)
class Judgment:
    """A verdict and its reason."""

    verdict: Verdict
    detail: str


def article(number: int, version: int = 0) -> AnalyzedDocument:
    """Return an article whose words, values and day are determined by two numbers."""
    words = [WORDS[(number * 7 + version * 3 + index * index) % len(WORDS)] for index in range(12 + number % 20)]
    document = Document(
        id=f"{number:03}",
        text=" ".join(words) + ".",
        title=" ".join(words[:3]) if number % 4 else "",
        source=("الرياض", "الجزيرة", None)[number % 3],
        author=("سعاد", None)[number % 2],
        section=("سياسة", "رياضة", "ثقافة")[number % 3],
        agencies=("رويترز", "واس")[: number % 3],
        published=dt.date(2025, 1, 1) + dt.timedelta(days=number * 3) if number % 5 else None,
    )
    return analyze_document(document, load_analyzer(), ZONE)


def make(location: str) -> None:
    """Create an index of several segments with deletions and updates; the writer closes it cleanly.

    A run leaves as many segments if it is stopped before its last commit, which would make one of them.
    """
    with open_writer(location, create=ZONE.key) as writer:
        for first in range(0, 40, 10):
            writer.add(article(number) for number in range(first, first + 10))
            writer.begin_commit().wait()
        writer.delete(["003", "017"])
        writer.add([article(5, 1), article(21, 1)])
        writer.begin_commit().wait()


def make_large(location: str) -> None:
    """Create an index whose arrays have many blocks, with deletions; a search reads only some of them."""
    with open_writer(location, create=ZONE.key) as writer:
        for first in range(0, 2_000, 1_000):
            writer.add(article(number, number % 7) for number in range(first, first + 1_000))
            writer.begin_commit().wait()
        writer.delete([f"{number:03}" for number in range(0, 2_000, 9)])
        writer.begin_commit().wait()


@contextmanager
def half_closed(location: str) -> Iterator[None]:
    """Create the same index with the last changes in SQLite's write-ahead log, as a killed writer leaves them."""
    make(location)
    with open_writer(location) as writer:
        writer.add([article(6, 2), article(50)])
        writer.commit()
        yield


def word(text: str, number: int = 0) -> Term:
    """Return a word of a query with every term that the analyzer gives it."""
    terms = load_analyzer().analyze(text).words[0].terms
    alternatives = (Alternative(LEVEL_OF_FIELD[term.field], term.field, term.text, term.weight) for term in terms)
    return Term(text, number, tuple(alternatives))


def requests() -> Iterator[EngineRequest]:
    """Yield searches that together read every kind of data in an index."""
    trees: list[Node] = [MatchAll(), *map(word, WORDS)]
    for first, second in zip(WORDS, WORDS[3:], strict=False):
        terms = word(first), word(second, 1)
        trees += [And(terms), Or(terms), Phrase(terms, (0, 1)), And((terms[0], Not(terms[1])))]
    trees += [FacetFilter(FacetField.SOURCE, ("الرياض",)), DateRange(dt.date(2025, 2, 1), dt.date(2025, 3, 1))]
    facets = tuple(FacetRequest(field, 10) for field in FacetField)
    for tree in trees:
        yield EngineRequest(Listing(tree), CountRequest(facets, histogram=True), limit=100)
    yield EngineRequest(Listing(MatchAll(), sort=Sort.NEWEST), limit=100)


def answers(searcher: Searcher) -> list[str]:
    """Return the answers to `requests`: hits with scores and positions, facets, histogram, texts, offsets, counts."""
    results = [searcher.search(request) for request in requests()]
    texts = [repr(result) for result in results]
    for hit in results[0].hits:
        stored = searcher.get_many([hit.id])[0]
        if stored is not None:
            stored = dataclasses.replace(stored, document=dataclasses.replace(stored.document, origin=""))
        texts.append(repr(stored))
    return [*texts, f"{searcher.info().documents} documents, analyzer {searcher.info().analyzer}"]


def ask(location: str) -> list[str]:
    """Return the answers of an index, and its status."""
    engine = open_engine(location)
    try:
        with engine.searcher() as searcher:
            found = answers(searcher)
    finally:
        engine.close()
    status = build.status(location)
    return [*found, f"{status.documents} in zone {status.zone}, format {status.format}, behind {status.behind}"]


def judge(location: str, expected: list[str]) -> Judgment:
    """Return the verdict on a damaged index, given its answers before the damage."""
    with _captured_warnings() as messages:
        try:
            found = ask(location)
            told = [*messages]
            problems = build.verify(location)
        except (SearchError, IndexingError) as error:
            return _judgment_of_message(str(error))
        except Exception as error:  # noqa: BLE001 - any other exception is a finding
            return Judgment(Verdict.UNCLEAR, f"{type(error).__name__}: {error}")
    if found == expected or told:
        if not problems:
            return Judgment(Verdict.DETECTED, told[0]) if told else Judgment(Verdict.HARMLESS, "")
        judgment = _judgment_of_message(problems[0])
        if judgment.verdict is Verdict.DETECTED and not told:
            return dataclasses.replace(judgment, verdict=Verdict.VERIFIED)
        return judgment
    different = next((pair for pair in zip(expected, found, strict=False) if pair[0] != pair[1]), ("", "fewer answers"))
    return Judgment(Verdict.SILENT, f"{different[1][:300]} instead of {different[0][:300]}")


def merge(location: str) -> None:
    """Make commits until the segments of the index are merged, small ones with others, large ones by deletions."""
    with open_writer(location) as writer:
        for number in range(60, 63):
            writer.add([article(number)])
            writer.commit()
        writer.delete([f"{number:03}" for number in range(0, 2_000, 2)])
        writer.commit()


def judge_merge(location: str, expected: list[str]) -> Judgment:
    """Merge the segments of a damaged index; return the verdict, given the answers of a sound one after its merge."""
    try:
        merge(location)
    except IndexingError as error:
        return _judgment_of_message(str(error))
    except Exception as error:  # noqa: BLE001 - any other exception is a finding
        return Judgment(Verdict.UNCLEAR, f"{type(error).__name__}: {error}")
    return judge(location, expected)


def judge_apart(pipe: Connection, location: str, expected: list[str], *, merging: bool = False) -> None:
    """Send the judgment through a pipe, from a process with limited memory and time."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_size() + MEMORY, resource.RLIM_INFINITY))
    pipe.send(judge_merge(location, expected) if merging else judge(location, expected))


def _judgment_of_message(text: str) -> Judgment:
    return Judgment(Verdict.DETECTED if any(remedy in text for remedy in REMEDIES) else Verdict.UNCLEAR, text)


def _size() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - a file of the kernel
        return int(file.read().split()[0]) * resource.getpagesize()


@contextmanager
def _captured_warnings() -> Iterator[list[str]]:
    """Yield a list that collects warnings and log messages; it is complete after the block."""
    messages: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: messages.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield messages
            messages += [
                str(warning.message) for warning in caught if not issubclass(warning.category, ResourceWarning)
            ]
    finally:
        logging.getLogger().removeHandler(handler)
