"""The speed bench on a small corpus: it measures, checks the answers and writes its report."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import re
import shutil
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bench.speed import checks, heaps, machine, scale, serving
from bench.speed.__main__ import main
from bench.speed.corpus import SEED, Corpus, Facts, read_facts
from bench.speed.drawing import WARM_UP, draw
from bench.speed.engines.peer import Answer, NotInstalledError
from bench.speed.mixing import Mixer
from bench.speed.oracle import Oracle
from bench.speed.parts import OTHER, megabytes_by_part
from bench.speed.preparation import prepare
from bench.speed.queries import Kind, Query
from bench.speed.server import Server
from bench.speed.tokens import SurfaceAnalyzer
from index import build
from index.analysis.installed import load_analyzer
from index.schema import TokenField

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Return the five seeds and thirty-five articles mixed from them."""
    return prepare([SEEDS], tmp_path_factory.mktemp("bench") / "corpus", 40)


@pytest.fixture(scope="module")
def mixer(corpus: Corpus) -> Mixer:
    real = [document for document in corpus.documents() if not document.id.startswith("mixed-")]
    return Mixer(real, SurfaceAnalyzer(), seed=SEED)


def test_a_run_checks_every_answer_and_writes_its_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = {
        "articles": 29,
        "queries": 25,
        "rounds": 1,
        "commits": 1,
        "requests": 0,
        "only": "judhur,whoosh,fts5,judhur-full,judhur-json",
        "work": tmp_path / "work",
        "results": tmp_path / "results",
        "machine": "test",
    }

    outcome = main([str(SEEDS), *(f"--{name}={value}" for name, value in options.items())])

    (written,) = (tmp_path / "results").glob("*-test.md")
    tables = written.read_text("utf-8")
    printed = capsys.readouterr().out
    assert outcome == 0, f"an answer of Judhur was wrong:\n{printed}"
    assert tables in printed
    checked = re.findall(r"(\d+) of (\d+) equal", tables)
    assert len(checked) == 4
    assert all(equal == asked != "0" for equal, asked in checked), f"not every answer is right:\n{tables}"
    heads = re.findall(r"^## (.*)$", tables, re.MULTILINE)
    assert heads == ["First asked", "Repeated", "Indexes", "Checks"]
    assert len(re.findall(r"\| Judhur, JSON endpoint \| [\d.]+ \([\d.]+\) \|", tables)) == 2, "no ratios to FTS5"
    figures = json.loads(written.with_suffix(".json").read_text("utf-8"))
    engines = figures["engines"]
    assert len(engines["fts5"]["first"]["wall"]) == len(engines["fts5"]["repeated"]["b"]["wall"]) == 25
    kinds = [query["kind"] for query in figures["queries"]]
    answered = [kind for kind, seconds in zip(kinds, engines["judhur-full"]["first"]["wall"], strict=True) if seconds]
    assert set(answered) == set(kinds) - {"or"}
    assert engines["judhur-full"]["built"]["seconds"] > 0
    assert sum(figures["parts"].values()) == pytest.approx(engines["judhur-full"]["built"]["megabytes"], rel=0.01)


def test_the_growth_bench_continues_where_it_stopped(tmp_path: Path) -> None:
    def grow(sizes: str) -> str:
        options = {"queries": 10, "rounds": 1, "only": "judhur", "work": tmp_path, "results": tmp_path / "results"}
        assert (
            scale.main([str(SEEDS), f"--sizes={sizes}", *(f"--{key}={value}" for key, value in options.items())]) == 0
        )
        return (tmp_path / scale.POINTS).read_text("utf-8")

    first = grow("10")
    second = grow("10,15")

    assert json.loads(second)[0] == json.loads(first)[0], "a saved point was measured again"
    assert [point["articles"] for point in json.loads(second)] == [10, 15]
    assert all(point["words_right"] for point in json.loads(second))


def test_points_of_other_data_are_refused(tmp_path: Path) -> None:
    other = Facts(("other.jsonl",), 1, 10, 10, 10, 0, "", 1, 1, None, None)
    (tmp_path / scale.CORPORA).write_text(json.dumps({"10": dataclasses.asdict(other)}), "utf-8")

    with pytest.raises(SystemExit, match=r"measured on other\.jsonl"):
        scale.main([str(SEEDS), f"--work={tmp_path}"])


def test_an_article_is_the_same_in_every_run(corpus: Corpus, mixer: Mixer, tmp_path: Path) -> None:
    again = prepare([SEEDS], tmp_path, 10)

    assert list(again.articles()) == list(corpus.part(0, 10).articles())
    assert mixer.article(34).text == list(corpus.documents())[39].text


def test_vocabulary_grows_by_heaps_law(mixer: Mixer, corpus: Corpus) -> None:
    analyzer = SurfaceAnalyzer()
    articles = [*list(corpus.documents())[:5], *map(mixer.article, range(300))]
    surfaces = [analyzer.analyze(f"{article.title}\n{article.text}").surfaces for article in articles]
    tokens = sum(map(len, surfaces))

    assert len({word for words in surfaces for word in words}) == pytest.approx(mixer.law.types_at(tokens), rel=0.05)


def test_pseudowords_recur_in_later_articles(mixer: Mixer) -> None:
    analyzer = SurfaceAnalyzer()
    early = {heaps.pseudoword(ordinal) for ordinal in range(500)}

    with_early = [number for number in range(200) if early & set(analyzer.analyze(mixer.article(number).text).surfaces)]

    assert len(with_early) > 150, "early pseudowords must also occur in later articles"


def test_pseudowords_are_distinct_and_fold_to_themselves() -> None:
    analyzer = SurfaceAnalyzer()
    words = [heaps.pseudoword(ordinal) for ordinal in range(20_000)]

    assert len(set(words)) > 0.999 * len(words)
    assert analyzer.analyze(" ".join(words)).surfaces == words


def test_mixed_articles_keep_source_and_day_of_a_real_one(mixer: Mixer, corpus: Corpus) -> None:
    real = {(document.source, document.published) for document in corpus.part(0, 5).documents()}

    assert {(article.source, article.published) for article in map(mixer.article, range(50))} <= real


def test_facts_count_real_articles(corpus: Corpus) -> None:
    facts = read_facts(corpus.folder)

    assert (facts.articles, facts.real, facts.data) == (40, 5, ("seeds",))


def write_corpus(folder: Path, *texts: str) -> Corpus:
    """Write a corpus of the words in `texts` and return it; the articles have one source and consecutive days."""
    lines = [f"a{number}\tsource\t{730_000 + number}\t{text}" for number, text in enumerate(texts)]
    folder.joinpath("tokens.tsv").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return Corpus(folder, len(texts))


@pytest.mark.parametrize(
    ("kind", "terms", "matches"),
    [
        (Kind.WORD, ("a",), ["a0", "a1", "a3"]),
        (Kind.TWO, ("a", "b"), ["a0", "a1"]),
        (Kind.OR, ("a", "c"), ["a0", "a1", "a2", "a3"]),
        (Kind.PHRASE, ("a", "b"), ["a0"]),
        (Kind.TITLE, ("a", "b", "x"), ["a0", "a1"]),
        (Kind.PREFIX, ("a",), ["a0", "a1", "a3", "a4"]),
    ],
)
def test_the_oracle_finds_the_matches(tmp_path: Path, kind: Kind, terms: tuple[str, ...], matches: list[str]) -> None:
    corpus = write_corpus(tmp_path, "x a b", "b a x", "c c", "a", "abc")
    query = Query(kind, terms, "")

    truth = Oracle(corpus, [query]).answer(query)

    assert sorted(truth.scores) == matches
    assert truth.total == truth.sources["source"] == len(matches)
    assert sum(truth.days.values()) == len(matches)


def test_the_oracle_scores_by_bm25(tmp_path: Path) -> None:
    query = Query(Kind.WORD, ("a",), "")

    scores = Oracle(write_corpus(tmp_path, "a a b b", "b b"), [query]).answer(query).scores

    # idf ln(1 + 1.5/1.5), tf 2, length 4 against 3 on average, k1 1.2, b 0.75
    assert scores == {"a0": pytest.approx(0.693147 * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 4 / 3)))}


def test_the_oracle_scores_the_words_of_a_prefix_as_one(tmp_path: Path) -> None:
    prefix, word = Query(Kind.PREFIX, ("a",), ""), Query(Kind.WORD, ("ab",), "")
    of_prefix = Oracle(write_corpus(tmp_path, "ab ac x", "x x x"), [prefix]).answer(prefix)

    assert of_prefix.scores == Oracle(write_corpus(tmp_path, "ab ab x", "x x x"), [word]).answer(word).scores


RIGHT = Answer(3, {"source": 3}, {730_000: 1, 730_001: 1, 730_003: 1}, ("a1", "a0", "a3"), (0.0, 0.0, 0.0))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, None),
        ({"total": 4}, "4 matches, not 3"),
        ({"sources": {"source": 2}}, "wrong counts by source"),
        ({"days": {730_000: 3}}, "wrong counts by day"),
        ({"ids": ("a3", "a0", "a1")}, "scores differ"),
        ({"ids": ("a0", "a0", "a3")}, "twice"),
        ({"scores": (1.0, 1.0, 1.0)}, "scores differ"),
        ({"ids": ("a3",), "scores": (0.0,)}, "1 hits of 3"),
    ],
)
def test_a_wrong_answer_is_found(tmp_path: Path, changes: dict[str, object], fault: str | None) -> None:
    query = Query(Kind.WORD, ("a",), "")
    truth = Oracle(write_corpus(tmp_path, "x a b b", "b a a", "c c", "a c c c c c c"), [query]).answer(query)
    best = tuple(truth.scores[name] for name in RIGHT.ids)
    answer = Answer(
        **({field.name: getattr(RIGHT, field.name) for field in dataclasses.fields(RIGHT)} | {"scores": best} | changes)
    )

    found = checks.faults(query, answer, truth, ranked=True)

    assert bool(found) == (fault is not None), found
    assert fault is None or any(fault in line for line in found), found


def test_no_query_is_drawn_twice(corpus: Corpus) -> None:
    drawn = draw(corpus, 60)

    asked = [(query.typed or query.terms, query.source) for query in drawn.warm_up + drawn.asked]
    assert len(set(asked)) == len(asked) > WARM_UP
    assert {query.kind for query in drawn.warm_up} == set(Kind), "the warm-up lacks a kind"


def test_the_words_of_the_kind_root_have_a_root_of_many_articles(corpus: Corpus) -> None:
    analyzer = load_analyzer()
    texts = [
        {term for word in analyzer.analyze(article.text).words for term in word.terms} for article in corpus.documents()
    ]
    drawn = draw(corpus, 60)

    words = [analyzer.analyze(query.typed).words[0] for query in drawn.warm_up if query.kind is Kind.ROOT]
    for word in words:
        roots = {term.text for term in word.terms if term.field is TokenField.ROOT}
        having = sum(any(term.field is TokenField.ROOT and term.text in roots for term in terms) for terms in texts)
        assert having >= len(texts) / 5, word.written


@pytest.mark.parametrize("kind", [Kind.WORD, Kind.TWO, Kind.THREE, Kind.PREFIX, Kind.ROOT, Kind.FILTER])
def test_a_wrong_total_of_the_product_is_found(corpus: Corpus, kind: Kind) -> None:
    query = next(query for query in draw(corpus, 1).warm_up if query.kind is kind)
    right = _scanned(corpus, query)

    assert right > 0
    assert checks.scan_faults(corpus, [query], [Answer(total=right)]) == (1, [])
    for wrong in (right - 1, right + 1):
        assert len(checks.scan_faults(corpus, [query], [Answer(total=wrong)])[1]) == 1


def test_a_title_has_at_least_the_articles_with_all_its_words(corpus: Corpus) -> None:
    words = next(query for query in draw(corpus, 1).warm_up if query.kind is Kind.THREE)
    title = dataclasses.replace(words, kind=Kind.TITLE)
    least = _scanned(corpus, words)

    assert checks.scan_faults(corpus, [title], [Answer(total=least + 1)]) == (1, [])
    assert len(checks.scan_faults(corpus, [title], [Answer(total=least - 1)])[1]) == 1


def _scanned(corpus: Corpus, query: Query) -> int:
    """Return the right total of a query, as the message about a wrong one names it."""
    _, (fault,) = checks.scan_faults(corpus, [query], [Answer(total=0)])
    return int(fault.rpartition(" ")[2])


def test_an_index_is_the_sum_of_its_parts(tmp_path: Path) -> None:
    build.add_articles(str(tmp_path), [SEEDS])

    parts = megabytes_by_part(tmp_path)

    assert sum(parts.values()) == pytest.approx(machine.folder_megabytes(tmp_path))
    assert parts[OTHER] < 0.05 * sum(parts.values()), "an array of the segments belongs to no part"
    assert min(parts.values()) > 0


@pytest.fixture
def wrk() -> str:
    """Return the path of wrk, or skip the test."""
    return shutil.which("wrk") or pytest.skip("wrk is not installed")


def test_the_client_asks_for_each_path_once_a_pass(wrk: str, tmp_path: Path) -> None:
    asked: Counter[str] = Counter()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked[self.path] += 1
            self.send_response(503 if self.path == "/refused" else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    paths = ["/refused", *(f"/{number}" for number in range(50)), "/last"]
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        rate = serving.Client(wrk, tmp_path).ask(Server(os.getpid(), server.server_port), paths, 3, {})
        server.shutdown()

    assert {path: asked[path] for path in paths[:-1]} == dict.fromkeys(paths[:-1], 3)
    assert rate.failed == 3
    assert rate.per_second > 0


@pytest.mark.usefixtures("wrk")
def test_the_server_is_measured(tmp_path: Path) -> None:
    build.add_articles(str(tmp_path), [SEEDS])
    queries = [Query(Kind.WORD, (word,), word) for word in ("الوزير", "المدرسة", "وزا*")]

    served = serving.measure(tmp_path, queries[:1], queries, 1)

    assert [kind.answers for kind in served] == ["JSON", "JSON, gzip", "HTML", "HTML, gzip"]
    for kind in served:
        assert (kind.failed, kind.requests) == (0, 3)
        assert min(kind.first.per_second, kind.repeated.per_second, kind.kilobytes, kind.worker, kind.processes) > 0


def test_a_missing_client_is_reported_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)

    with pytest.raises(NotInstalledError, match="apt-get install wrk"):
        serving.measure(tmp_path, [], [], 1)


def test_counts_by_week_are_accepted() -> None:
    first = dt.date(2025, 1, 6).toordinal()
    days = {first: 1, first + 1: 2, first + 100: 1}
    weeks = {first: 3, first + 98: 1}

    assert checks.bucketed(days) == weeks


def test_a_page_has_a_snippet_for_each_hit() -> None:
    assert not checks.page_faults(Answer(snippets=("one", "two")), 2)
    assert checks.page_faults(Answer(snippets=("one", "")), 2)
    assert checks.page_faults(Answer(snippets=("one",)), 2)


def test_offsets_of_surfaces_slice_their_words() -> None:
    text = "قال الوزير: إنّ المدرسةَ الجديدة في 2025 https://example.org/a"

    read = SurfaceAnalyzer().analyze(text)

    assert [text[start:end] for start, end in zip(read.starts, read.ends, strict=True)][:2] == ["قال", "الوزير"]
    assert text[read.starts[2] : read.ends[2]] == "المدرسةَ"
    assert read.surfaces[:3] == ["قال", "الوزير", "المدرسه"]
