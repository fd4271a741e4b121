"""Speed of Whoosh's reader on an index of Judhur: `python -m bench.speed.whoosh_reader INDEX [--queries N]`.

Times opening, and operations on terms and articles drawn from the index, each for the first time in a reader and then
again. The embedded engine searches the same terms, and its totals must equal Whoosh's. Milliseconds, mean / p50 / p95.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from whoosh import query
from whoosh.classify import Bo1Model
from whoosh.searching import Searcher

from bench.speed import machine
from index.analysis.installed import load_analyzer
from index.schema import Level, Section, TokenField
from search.engine import EngineRequest, Listing
from search.engines import open_engine
from search.engines.whoosh_reader import open_whoosh_index
from search.query import Alternative, Term

SEED = 7
FIELD = "body_lemma"
COMMON = 0.001, 0.2
"""Lowest and highest document frequency of the terms that are drawn, as a share of all articles."""

Operation = Callable[[Any], object]


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; return 1 if a total of Whoosh differs from the engine's."""
    parser = argparse.ArgumentParser(prog="bench.speed.whoosh_reader", description=__doc__)
    parser.add_argument("index", help="folder of the index")
    parser.add_argument("--queries", type=int, default=100)
    options = parser.parse_args(arguments)
    load_analyzer().analyze("كلمة")  # loads the word data before the clock starts
    with open_whoosh_index(options.index).searcher() as searcher:
        terms, phrases, documents = draw(searcher, options.queries)
        print(f"{searcher.doc_count()} articles; {machine.describe()}; load {machine.load():.1f}")
    print("\n| operation | first time | again |\n|---|---|---|")
    show("open the index and a searcher", [seconds(_opened, options.index) for _ in range(options.queries)])
    with open_whoosh_index(options.index).searcher() as searcher:
        show("the first term of a new searcher", [seconds(searcher.search, query.Term(FIELD, terms[0]))])
        for name, operation, inputs in operations(searcher, terms, phrases, documents):
            show(name, *([seconds(operation, item) for item in inputs] for _ in range(2)))
        totals = [len(_search(searcher, query.Term(FIELD, term))) for term in terms]
    with closing(open_engine(options.index)) as engine, engine.searcher() as embedded:
        requests = [_request(term) for term in terms]
        times = [[seconds(embedded.search, request) for request in requests] for _ in range(2)]
        show("one term, by the embedded engine", *times)
        return int(totals != [embedded.search(request).total for request in requests])


def draw(searcher: Searcher, count: int) -> tuple[list[str], list[query.Query], list[int]]:
    """Return at most `count` each of terms, phrases and document numbers of an index, the same on every run."""
    choice = random.Random(SEED)  # noqa: S311 - not for secrets
    documents = choice.sample(range(searcher.doc_count()), min(count, searcher.doc_count()))
    least, most = (share * searcher.doc_count() for share in COMMON)
    common = [term for term in searcher.lexicon(FIELD) if least <= searcher.doc_frequency(FIELD, term) <= most]
    terms = [term.decode() for term in choice.sample(common, min(count, len(common)))]
    return terms, list(_phrases(searcher, documents)), documents


def operations(
    searcher: Searcher, terms: Sequence[str], phrases: Sequence[query.Query], documents: Sequence[int]
) -> Iterator[tuple[str, Operation, Sequence[Any]]]:
    """Yield the name of each operation, the operation, and the arguments that it is timed with."""
    reader = searcher.reader()
    yield "one term, the ten best", lambda term: _search(searcher, query.Term(FIELD, term)), terms
    yield "the same with counts by source", lambda term: _grouped(searcher, term), terms
    yield "a phrase of two words", lambda phrase: _search(searcher, phrase), phrases
    yield "a prefix of four letters", lambda term: _search(searcher, query.Prefix(FIELD, term[:4])), terms
    yield "terms within one edit", lambda term: list(reader.terms_within("body_surface", term, 1)), terms
    yield "ten key terms of an article (Bo1)", lambda document: _key_terms(searcher, document), documents
    yield "ten articles like it", lambda document: searcher.more_like(document, FIELD, numterms=10), documents
    yield "stored fields of a hit", searcher.stored_fields, documents
    hits = [hit for term in terms for hit in _search(searcher, query.Term(FIELD, term))[:1]]
    yield "highlights of a hit, its text analyzed", lambda hit: hit.highlights(FIELD), hits


def seconds(operation: Operation, argument: object) -> float:
    """Run an operation and return its duration in seconds."""
    began = time.perf_counter()
    operation(argument)
    return time.perf_counter() - began


def show(name: str, *times: Sequence[float]) -> None:
    """Print a row of the table; `times` has the seconds of each call, for the first time and again."""
    print(f"| {name} | {' | '.join(spread(column) for column in times)}{' | –' * (2 - len(times))} |")


def spread(times: Sequence[float]) -> str:
    """Return mean / p50 / p95 in milliseconds; of a single time only that, and a dash for none."""
    if len(times) < 2:
        return f"{1000 * times[0]:.1f}" if times else "–"
    cuts = statistics.quantiles(times, n=20, method="inclusive")
    return " / ".join(f"{1000 * value:.2f}" for value in (statistics.fmean(times), cuts[9], cuts[18]))


def _phrases(searcher: Searcher, documents: Sequence[int]) -> Iterator[query.Query]:
    """Yield the first two words of each title as a phrase, if they are adjacent."""
    for document in documents:
        vector = searcher.vector_as("positions", document, "title_surface")
        words = sorted((position, word) for word, positions in vector for position in positions)
        if len(words) > 1 and words[1][0] == words[0][0] + 1:
            yield query.Phrase("body_surface", [words[0][1], words[1][1]])


def _opened(location: str | Path) -> None:
    open_whoosh_index(location).searcher().close()


def _search(searcher: Searcher, tree: query.Query) -> Any:  # noqa: ANN401 - Whoosh has no types
    return searcher.search(tree, limit=10)


def _grouped(searcher: Searcher, term: str) -> object:
    return searcher.search(query.Term(FIELD, term), limit=10, groupedby="source")


def _key_terms(searcher: Searcher, document: int) -> object:
    return searcher.key_terms([document], FIELD, numterms=10, model=Bo1Model)


def _request(term: str) -> EngineRequest:
    alternative = Alternative(Level.LEMMA, TokenField.LEMMA, term, 1.0)
    return EngineRequest(Listing(Term(term, 0, (alternative,), (Section.BODY,))), limit=10)


if __name__ == "__main__":
    sys.exit(main())
