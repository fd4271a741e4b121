"""Count the Arabic words of news: reads JSON Lines, writes the file of word counts of the analysis.

    python -m scripts.count_words index/analysis/arabic/data/word_counts.tsv.gz news.jsonl.gz …

Words are base forms (`index.analysis.arabic.folding`). The same articles give the same bytes: lines are sorted, and the
gzip header has no name and no time.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from index.analysis.arabic import folding
from index.analysis.arabic.clitic_reader import has_tanwin, without_tanwin
from index.analysis.arabic.tokenizer import TokenKind, kind_of, token_pattern
from scripts.packing import packed

LEAST_COUNT = 2
"""Minimum count of a form: one that occurs once is a typing error as often as a word."""


def main() -> None:
    """Write the counts of the given articles and print totals."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("output", type=Path)
    arguments.add_argument("articles", type=Path, nargs="+", help=".jsonl or .jsonl.gz with the keys title and text")
    options = arguments.parse_args()
    counts = count(text for path in options.articles for text in texts_in(path))
    kept = write(counts, options.output)
    print(f"{counts.total()} tokens, {len(counts)} forms, {kept} written to {options.output}")  # noqa: T201 - the output of the script


def texts_in(path: Path) -> Iterator[str]:
    """Yield the title and the text of each article."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for line in lines:
            article = json.loads(line)
            yield article.get("title") or ""
            yield article.get("text") or ""


def count(texts: Iterable[str]) -> Counter[str]:
    """Return how often each base form occurs; the final alef of a written tanwin is dropped, since it is an ending."""
    spelled = Counter(
        match.group()
        for text in texts
        for match in token_pattern().finditer(text)
        if kind_of(match) is TokenKind.ARABIC
    )
    counts: Counter[str] = Counter()
    for token, times in spelled.items():
        base = folding.base(folding.written(token))
        counts[without_tanwin(base) if has_tanwin(token) else base] += times
    return counts


def write(counts: Counter[str], output: Path) -> int:
    """Write the forms of two letters or more that occur `LEAST_COUNT` times or more; return their number."""
    kept = sorted((form, times) for form, times in counts.items() if times >= LEAST_COUNT and len(form) > 1)
    output.write_bytes(packed("".join(f"{form}\t{times}\n" for form, times in kept).encode()))
    return len(kept)


if __name__ == "__main__":
    main()
