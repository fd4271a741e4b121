"""Accuracy of the readings, compared with stock tools in the same run.

    python -m bench.quality.morphology GOLD.tsv[.gz] … [--probe match_probe.tsv] [--no-peers]

A gold file has the columns word, lemma, root and kind (`content`, `foreign`, `noroot`, …). Without kinds all words are
`content`, except those whose root is `-`. `strict` treats all seats of hamza as one letter, `lenient` also hamza, alef,
waw and yeh; lemmas are compared without harakat, with alefs, final yehs and teh marbuta folded. `collision`: the share
of foreign and rootless words whose root (or key, if the tool has no roots) is the root of a content word of the same
file; `named` is the share of foreign names that have a root. A probe file has the columns query, doc_form and label;
the share of its pairs that match is printed by lemma, family or spelling (strong), and by root as well.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import importlib
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from index.analysis.analyzer import Analyzer
from index.analysis.arabic import folding
from index.analysis.arabic.lexicon import load_lexicon, without_marks
from index.analysis.installed import load_analyzer
from index.schema import TokenField

_DATA = Path(__file__).resolve().parents[2] / "index" / "analysis" / "arabic" / "data"
_SEATS = str.maketrans(dict.fromkeys("أإآؤئ", "ء"))
_WEAK = str.maketrans(dict.fromkeys("أإآؤئءاىي", "و"))
_LEMMA = str.maketrans("أإآٱىة", "اااايه")
_FOREIGN = ("foreign",)
_ROOTLESS = ("foreign", "noroot")
_SAMPLE = 300
"""Number of words for qalsadi, which reads fewer than a hundred per second."""
_STRONG = frozenset((TokenField.SURFACE, TokenField.CLITIC, TokenField.LEMMA, TokenField.FAMILY, TokenField.SPELLING))


class Gold(NamedTuple):
    """One occurrence of a word."""

    word: str
    lemma: str
    root: str
    kind: str


class Answer(NamedTuple):
    """The result of a tool for a word; None for what it does not return."""

    root: str | None
    lemma: str | None


Tool = Callable[[str], Answer]


class Figures(NamedTuple):
    """Shares in percent; None if the file or the tool has no such values. `rate` is in distinct words per second."""

    words: int
    strict: float | None
    lenient: float | None
    lemma: float | None
    collision: float | None
    named: float | None
    rate: float


def main() -> None:
    """Print a table for each file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, nargs="*")
    parser.add_argument("--probe", type=Path)
    parser.add_argument("--no-peers", action="store_true", help="our figures only")
    options = parser.parse_args()
    begun = time.perf_counter()
    before = _megabytes()
    load_lexicon(_DATA)
    print(f"lexicon: {time.perf_counter() - begun:.2f} s, {_megabytes() - before:.0f} MB")
    analyzer = load_analyzer()
    tools: dict[str, Tool] = {"judhur": ours(analyzer)}
    if not options.no_peers:
        tools |= dict(_peers())
    for path in options.gold:
        gold = read_gold(path)
        print(
            f"\n{path.name}: {len(gold)} words\n{'tool':<12}{'words':>7}{'strict':>8}{'lenient':>8}{'lemma':>7}"
            f"{'collision':>10}{'named':>7}{'types/s':>9}"
        )
        for name, tool in tools.items():
            rows = gold[:: max(1, len(gold) // _SAMPLE)] if name == "qalsadi" else gold
            figures = measure(tool, rows)
            cells = (figures.strict, figures.lenient, figures.lemma, figures.collision, figures.named)
            text = "".join(
                f"{'–' if cell is None else format(cell, '.1f'):>{width}}"
                for cell, width in zip(cells, (8, 8, 7, 10, 7), strict=True)
            )
            print(f"{name:<12}{figures.words:>7}{text}{figures.rate:>9.0f}")
        print(f"running text, memo warm: {_tokens_per_second(analyzer, [row.word for row in gold]):.0f} tokens/s")
    if options.probe:
        _print_probe(analyzer, options.probe)


def read_gold(path: Path) -> list[Gold]:
    """Return the rows of a gold file, gzipped or not."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            Gold(
                row["word"],
                row["lemma"],
                row["root"],
                row.get("kind") or ("content" if row["root"] != "-" else "noroot"),
            )
            for row in rows
        ]


def measure(tool: Tool, gold: Sequence[Gold]) -> Figures:
    """Return the figures of a tool on a file; it is called once for each distinct word."""
    begun = time.perf_counter()
    answers = {word: tool(word) for word in dict.fromkeys(row.word for row in gold)}
    rate = len(answers) / (time.perf_counter() - begun)
    content = [row for row in gold if row.kind == "content"]
    has_roots = any(answer.root is not None for answer in answers.values())
    roots = {lenient(row.root) for row in content}
    rootless = [(row, answers[row.word]) for row in gold if row.kind in _ROOTLESS]
    return Figures(
        len(gold),
        _share(strict(answers[row.word].root) == strict(row.root) for row in content) if has_roots else None,
        _share(lenient(answers[row.word].root) == lenient(row.root) for row in content) if has_roots else None,
        _share(_comparable_lemma(answers[row.word].lemma) == _comparable_lemma(row.lemma) for row in content)
        if any(answer.lemma for answer in answers.values())
        else None,
        _share(lenient(answer.root if has_roots else answer.lemma) in roots for _, answer in rootless),
        _share(answer.root is not None for row, answer in rootless if row.kind in _FOREIGN) if has_roots else None,
        rate,
    )


def ours(analyzer: Analyzer) -> Tool:
    """Return Judhur as a tool: the root of the highest weight, and the lemma of the likeliest reading that has it."""

    def read(word: str) -> Answer:
        explanation = analyzer.explain(word)
        readings = explanation.readings if explanation else ()
        weights: defaultdict[str, float] = defaultdict(float)
        for reading in readings:
            for root, share in reading.roots or (("", 1.0),):
                weights[root] += reading.weight * share
        best = max(weights, key=lambda root: weights[root], default="")
        lemma = next((reading.lemma for reading in readings if best in dict(reading.roots or (("", 1.0),))), word)
        return Answer(best or None, lemma)

    return read


def _peers() -> Iterator[tuple[str, Tool]]:
    for name, module, make in (
        ("isri", "nltk.stem.isri", _isri),
        ("snowball", "snowballstemmer", _snowball),
        ("tashaphyne", "tashaphyne.stemming", _tashaphyne),
        ("qalsadi", "qalsadi.lemmatizer", _qalsadi),
    ):
        try:
            importlib.import_module(module)
        except ImportError:
            print(f"{name}: not installed, left out (pip install --group bench)")
            continue
        yield name, make()


def _isri() -> Tool:
    stemmer = importlib.import_module("nltk.stem.isri").ISRIStemmer()
    return lambda word: Answer(stemmer.stem(word) or None, None)


def _snowball() -> Tool:
    stemmer = importlib.import_module("snowballstemmer").stemmer("arabic")
    return lambda word: Answer(None, stemmer.stemWord(word))


def _tashaphyne() -> Tool:
    stemmer = importlib.import_module("tashaphyne.stemming").ArabicLightStemmer()

    def read(word: str) -> Answer:
        stemmer.light_stem(word)
        return Answer(stemmer.get_root() or None, stemmer.get_stem())

    return read


def _qalsadi() -> Tool:
    lemmatizer = importlib.import_module("qalsadi.lemmatizer").Lemmatizer()
    analyzer = importlib.import_module("qalsadi.analex").Analex()

    def read(word: str) -> Answer:
        analyses = list((analyzer.check_text(word) or [[]])[0])
        with_root = (analysis for analysis in analyses if getattr(analysis, "get_root", None) and analysis.get_root())
        root = next((analysis.get_root() for analysis in with_root), None)
        return Answer(root, str(lemmatizer.lemmatize(word)))

    return read


def strict(root: str | None) -> str:
    """Return a root with all seats of hamza as one letter."""
    return (root or "").translate(_SEATS)


def lenient(root: str | None) -> str:
    """Return a root with hamza, alef, waw and yeh as one letter; a root of two letters gets its last letter doubled."""
    text = (root or "").translate(_WEAK)
    return text + text[-1] if len(text) == len("دد") else text


def _comparable_lemma(lemma: str | None) -> str:
    return without_marks(folding.written(lemma or "")).translate(_LEMMA)


def _share(hits: Iterable[bool]) -> float | None:
    counted = list(hits)
    return 100 * sum(counted) / len(counted) if counted else None


def _tokens_per_second(analyzer: Analyzer, words: Sequence[str]) -> float:
    """Return the speed of analyzing the words as one text, after a first run that fills the cache."""
    text = " ".join(words)
    analyzer.analyze(text)
    begun = time.perf_counter()
    count = len(analyzer.analyze(text))
    return count / (time.perf_counter() - begun)


def _print_probe(analyzer: Analyzer, path: Path) -> None:
    with path.open(encoding="utf-8") as lines:
        pairs = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    total = Counter(pair["label"] for pair in pairs)
    print(f"\n{path.name}: share of pairs that meet")
    for tier, fields in (("strong", _STRONG), ("root", _STRONG | {TokenField.ROOT})):
        matching = Counter(
            pair["label"]
            for pair in pairs
            if _terms(analyzer, pair["query"], fields) & _terms(analyzer, pair["doc_form"], fields)
        )
        print(
            f"{tier:<8}"
            + "  ".join(
                f"{label} {matching[label]}/{count} = {matching[label] / count:.3f}" for label, count in total.items()
            )
        )


def _terms(analyzer: Analyzer, word: str, fields: frozenset[TokenField]) -> set[tuple[TokenField, str]]:
    return {(term.field, term.text) for term in analyzer.analyze(word).words[0].terms if term.field in fields}


def _megabytes() -> float:
    scale = 1024 if sys.platform == "linux" else 1024 * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale


if __name__ == "__main__":
    main()
