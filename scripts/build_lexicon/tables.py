"""Writes the sections of the lexicon files that `index.analysis.arabic.lexicon` reads and describes.

The same words give the same bytes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from index.analysis.arabic import folding
from index.analysis.arabic.lexicon import SECTION_END
from scripts.build_lexicon.buckwalter import Affix, Lemma, Stem, Tables
from scripts.packing import packed
from scripts.transliteration import arabic, plain


def pack(sections: Iterable[Iterable[str]]) -> bytes:
    """Return sections of lines as a reproducible gzip file."""
    return packed(SECTION_END.join("\n".join(lines) for lines in sections).encode())


def key_of(spelled: str) -> str:
    """Return the look-up key of a form: its surface."""
    return folding.surface(folding.base(spelled))


def affix_sections(tables: Tables, categories: Sequence[str]) -> list[list[str]]:
    """Return the sections of prefixes, suffixes, prefix categories and suffix categories."""
    number = {category: index for index, category in enumerate(categories)}
    prefix_categories = sorted({affix.category for affix in tables.prefixes})
    suffix_categories = sorted({affix.category for affix in tables.suffixes})
    stems_of_prefix = _masks(tables.prefix_stem, number)
    suffixes_of_prefix = _masks(tables.prefix_suffix, {name: index for index, name in enumerate(suffix_categories)})
    stems_of_suffix = _masks(((suffix, stem) for stem, suffix in tables.stem_suffix), number)
    return [
        _affixes(tables.prefixes, prefix_categories),
        _affixes(tables.suffixes, suffix_categories),
        [f"{stems_of_prefix.get(name, 0):x}\t{suffixes_of_prefix.get(name, 0):x}" for name in prefix_categories],
        [f"{stems_of_suffix.get(name, 0):x}" for name in suffix_categories],
    ]


def _masks(pairs: Iterable[tuple[str, str]], number: Mapping[str, int]) -> dict[str, int]:
    masks: dict[str, int] = defaultdict(int)
    for name, other in pairs:
        if other in number:
            masks[name] |= 1 << number[other]
    return masks


def _affixes(affixes: Iterable[Affix], categories: Sequence[str]) -> list[str]:
    return sorted(
        {
            "\t".join((key_of(affix.spelled), affix.spelled, str(categories.index(affix.category)), *affix.clitics))
            for affix in affixes
        }
    )


def stem_sections(lemmas: Sequence[Lemma], categories: Sequence[str], first: int = 0) -> list[list[str]]:
    """Return two sections: stem keys, and the stems of each key. Lemmas are numbered from `first`."""
    stems: dict[str, dict[tuple[int, int], str]] = defaultdict(dict)
    for number, lemma in enumerate(lemmas, first):
        for stem in lemma.stems:
            spelled = _spelled(stem)
            entry = (number, categories.index(stem.category))
            # A stem may be listed with and without its hamza; the spelling with hamza is kept.
            previous = stems[key_of(spelled)].get(entry)
            if previous is None or folding.base(previous) == previous:
                stems[key_of(spelled)][entry] = spelled
    keys = sorted(stems)
    return [
        keys,
        [
            " ".join(
                f"{lemma},{category}" + (f",{spelled}" if spelled != key else "")
                for (lemma, category), spelled in sorted(stems[key].items())
            )
            for key in keys
        ],
    ]


def _spelled(stem: Stem) -> str:
    full = plain(arabic(stem.vocalized))
    return full if key_of(full) == key_of(stem.spelled) else stem.spelled
