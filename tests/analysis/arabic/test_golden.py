"""Golden file: every word of the seed articles with its surface and stems. A change here changes search results."""

from __future__ import annotations

from pathlib import Path

from index.analysis.analyzer import Analyzer
from index.analysis.tokens import Word
from index.schema import TokenField

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = Path(__file__).with_name("golden_seeds.tsv")
HINT = "review the diff; if it is right, run python -m tests.analysis.arabic.regenerate and add a line to CHANGELOG.md"


def lines(analyzer: Analyzer) -> list[str]:
    """Return one line for each spelled form of the seeds: the form, its surface, and its stems with weights."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "seeds").glob("*.txt"))]
    spellings = sorted({token.text for text in texts for token in analyzer.analyze(text).tokens()})
    words = [(spelled, found.word) for spelled in spellings if (found := analyzer.explain(spelled))]
    return [f"{spelled}\t{word.surface}\t{_stems(word)}" for spelled, word in words]


def _stems(word: Word) -> str:
    if word.stop:
        return "stop"
    clitic = [term for term in word.terms if term.field is TokenField.CLITIC]
    return " ".join(term.text if term.weight == 1 else f"{term.text}:{term.weight}" for term in clitic)


def test_the_words_of_the_seeds(analyzer: Analyzer) -> None:
    golden = GOLDEN.read_text(encoding="utf-8").splitlines()
    current = lines(analyzer)
    assert len(golden) > 900
    assert sorted(set(current) - set(golden)) == sorted(set(golden) - set(current)), HINT
