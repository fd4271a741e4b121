"""Rewrites the golden files: run `python -m tests.analysis.arabic.regenerate`, then review the diff."""

from __future__ import annotations

from index.analysis.arabic.analyzer import load_arabic_analyzer
from tests.analysis.arabic import test_golden, test_golden_news

if __name__ == "__main__":
    analyzer = load_arabic_analyzer()
    test_golden.GOLDEN.write_text("\n".join(test_golden.lines(analyzer)) + "\n", encoding="utf-8")
    marked = [
        "\t".join((row.word, "|".join(row.lemmas), "|".join(row.roots), "" if row.fits(analyzer) else "!"))
        for row in test_golden_news.judged()
    ]
    test_golden_news.GOLDEN.write_text("\n".join(marked) + "\n", encoding="utf-8")
