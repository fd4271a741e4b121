"""The lexicon: the dictionary words that a form may belong to, and its divisions into prefix, stem and suffix.

A form is divided in every way that gives a prefix, stem and suffix that are listed and compatible (the method and most
words are Buckwalter's: three lists, three compatibility tables). The look-up is by surface, so that a bare alef or a
final yeh or heh still finds the word. `agreement` scores how far the written letters are those of the dictionary, and
`readings` uses the score.

The data files are gzipped text: sections separated by form feeds, one entry a line (see `Sections`). Lines are parsed
at the first look-up that needs them, so that loading is little more than splitting.
"""

from __future__ import annotations

import functools
import gzip
import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from index.analysis.arabic import folding
from index.analysis.arabic.letters import (
    ALEF,
    ALEF_HAMZA_ABOVE,
    ALEF_HAMZA_BELOW,
    ALEF_MADDA,
    ALEF_MAKSURA,
    HEH,
    TEH_MARBUTA,
    YEH,
)

SECTION_END = "\f"
FILES = ("lexicon_buckwalter.tsv.gz", "lexicon_arramooz.tsv.gz", "lexicon_roots.tsv.gz", "priors.tsv.gz")
"""Words and affixes · words that only Arramooz has · roots and families of both · scores."""

_WORST_AGREEMENT = -700
"""Score below which the letters are those of another word, in hundredths of a nat."""


class Affix(NamedTuple):
    """A prefix or suffix with its clitics and inflection."""

    spelled: str
    category: int
    clitics: tuple[str, ...]
    """In order of speech, each as it is written alone."""
    clitic_letters: int
    """Number of letters of the clitics as they are written alone."""


class Stem(NamedTuple):
    """A stem under its key."""

    lemma: int
    category: int
    spelled: str
    score: int
    """Log frequency of the lemma plus that of the stem among its stems, in hundredths of a nat."""


class Division(NamedTuple):
    """One way to divide a form."""

    prefix: Affix
    stem: Stem
    suffix: Affix
    score: int
    """Log frequency of stem, prefix and suffix, in hundredths of a nat."""


_Stem = tuple[int, int, str, int]
"""The values of a `Stem`, as a plain tuple because there are many."""
Best = tuple[int, Affix, Affix]
"""Score of a division, its prefix and its suffix."""
_Pairs = tuple[tuple[Affix, Affix, int], ...]
"""Compatible prefixes and suffixes of a stem of one category, with their score in hundredths of a nat."""


class _Around(dict[int, _Pairs]):
    """The compatible affixes of a prefix and a suffix string, by the category of the stem; computed on access."""

    __slots__ = ("_back", "_front", "_options")

    def __init__(self, options: list[tuple[Affix, Affix, int]], front: tuple[int, ...], back: tuple[int, ...]) -> None:
        """Take the affix pairs, each with a bit mask of stem categories, and the scores of both strings by category."""
        super().__init__()
        self._options = options
        self._front = front
        self._back = back

    def __missing__(self, category: int) -> _Pairs:
        pairs: dict[tuple[object, ...], tuple[Affix, Affix, int]] = {}
        score = self._front[category] + self._back[category] if self._front and self._back else 0
        for before, after, categories in self._options:
            if categories >> category & 1:
                same = (before.spelled, before.clitics, after.spelled, after.clitics)
                pairs.setdefault(same, (before, after, score))
        self[category] = tuple(pairs.values())
        return self[category]


_NOTHING = _Around([], (), ())
"""For a prefix and a suffix that exclude each other."""


class Entry(NamedTuple):
    """A dictionary word."""

    lemma: str
    """Without harakat."""
    vocalized: str
    pos: str
    """`verb`, `noun`, `adjective`, `name` or `particle`."""
    roots: tuple[tuple[str, float], ...]
    family: str


class Lexicon:
    """Dictionary words by their forms. Caches parsed entries; thread-safe."""

    def __init__(self, sections: Sections) -> None:
        self._prefixes = _affixes(sections.prefixes)
        self._suffixes = _affixes(sections.suffixes)
        for prefix in list(self._prefixes):
            for end in range(len(prefix)):
                self._prefixes.setdefault(prefix[:end], [])
        for suffix in list(self._suffixes):
            for start in range(len(suffix)):
                self._suffixes.setdefault(suffix[start:], [])
        self._after_prefix = [tuple(int(mask, 16) for mask in line.split("\t")) for line in sections.prefix_masks]
        self._after_suffix = [int(line, 16) for line in sections.suffix_masks]
        self._prefix_scores = _scores(sections.prefix_scores)
        self._suffix_scores = _scores(sections.suffix_scores)
        self.categories: Sequence[str] = sections.categories
        self._lemmas = sections.lemmas
        self._roots = sections.roots
        self._line_indices: Mapping[str, tuple[int, ...]] = sections.line_indices
        self._stem_lines = sections.stems
        self._score_lines = sections.scores
        self._stems: dict[str, tuple[_Stem, ...]] = {}
        self._entries: dict[int, Entry] = {}
        self._around: dict[str, dict[str, _Around]] = {prefix: {} for prefix in self._prefixes}
        self._front = functools.cache(lambda prefix: _numbers(self._prefix_scores.get(prefix)))
        self._back = functools.cache(lambda suffix: _numbers(self._suffix_scores.get(suffix)))

    def __len__(self) -> int:
        """Return the number of dictionary words."""
        return len(self._lemmas)

    def divisions(self, key: str) -> Iterator[Division]:
        """Yield every division of a form; `key` is its surface."""
        for stems, around in self._split(key):
            for stem in stems:
                for before, after, score in around[stem[1]]:
                    yield Division(before, Stem(*stem), after, stem[3] + score)

    def best(self, key: str, spelled: str) -> dict[int, Best]:
        """Return the best division for each dictionary word that a form may belong to.

        `spelled` is the written form. Its `agreement` with the division is part of the score; divisions with an
        agreement below `_WORST_AGREEMENT` are left out.
        """
        best: dict[int, Best] = {}
        for stems, around in self._split(key):
            for stem in stems:
                for before, after, score in around[stem[1]]:
                    lemma, _, letters, frequency = stem
                    total = frequency + score
                    previous = best.get(lemma)
                    if previous is not None and previous[0] >= total:
                        continue
                    whole = before[0] + letters + after[0]
                    if whole != spelled:
                        cost = agreement(spelled, whole)
                        total += cost
                        if cost < _WORST_AGREEMENT or (previous is not None and previous[0] >= total):
                            continue
                    best[lemma] = (total, before, after)
        return best

    def has(self, key: str, spelled: str) -> bool:
        """Return whether a division of a form has exactly the letters of the written form."""
        return any(
            before[0] + letters + after[0] == spelled
            for stems, around in self._split(key)
            for _, group, letters, _ in stems
            for before, after, _ in around[group]
        )

    def _split(self, key: str) -> list[tuple[tuple[_Stem, ...], _Around]]:
        """Return the stems of each split of a form, with the affix pairs around them."""
        stems, line_indices, by_prefix = self._stems, self._line_indices, self._around
        ends = self._ends(key)
        split = []
        for start in range(len(key)):
            by_suffix = by_prefix.get(key[:start])
            if by_suffix is None:  # no prefix begins with these letters
                break
            for end, suffix in ends:
                stem = key[start:end]
                if stem in line_indices:
                    around = by_suffix.get(suffix)
                    if around is None:
                        around = by_suffix[suffix] = self._pair(key[:start], suffix)
                    if around is not _NOTHING:
                        split.append((stems.get(stem) or self._parse(stem), around))
        return split

    def _ends(self, key: str) -> list[tuple[int, str]]:
        """Return the suffixes that a form may have, the shortest first, each after the index where it begins."""
        suffixes = self._suffixes
        ends = [(len(key), "")]
        for end in range(len(key) - 1, 0, -1):
            suffix = key[end:]
            affixes = suffixes.get(suffix)
            if affixes:
                ends.append((end, suffix))
            elif affixes is None:  # no suffix ends with these letters
                break
        return ends

    def entry(self, lemma: int) -> Entry:
        """Return the dictionary word of a number, such as `Stem.lemma`."""
        entry = self._entries.get(lemma)
        if entry is None:
            vocalized, pos = self._lemmas[lemma].split("\t")
            roots, family = self._roots[lemma].split("\t")
            pairs = (root.split(",") for root in roots.split(" ") if root)
            weighted = tuple((root, float(weight)) for root, weight in pairs)
            entry = self._entries[lemma] = Entry(without_marks(vocalized), vocalized, pos, weighted, family)
        return entry

    def root_lines(self) -> Sequence[str]:
        """Return the lines of roots and families of all words, unparsed, for counting."""
        return self._roots

    def _parse(self, key: str) -> tuple[_Stem, ...]:
        stems: list[_Stem] = []
        for index in self._line_indices[key]:
            scores = self._score_lines[index].split(" ") if self._score_lines else ()
            for number, text in enumerate(self._stem_lines[index].split(" ")):
                lemma, category, *spelled = text.split(",")
                score = int(scores[number]) if scores else 0
                stems.append((int(lemma), int(category), spelled[0] if spelled else key, score))
        self._stems[key] = tuple(stems)
        return self._stems[key]

    def _pair(self, prefix: str, suffix: str) -> _Around:
        """Return the compatible affixes of a prefix and a suffix string."""
        options = []
        for before in self._prefixes[prefix]:
            stems, suffixes = self._after_prefix[before.category]
            for after in self._suffixes[suffix]:
                categories = stems & self._after_suffix[after.category] if suffixes >> after.category & 1 else 0
                if categories:
                    options.append((before, after, categories))
        return _Around(options, self._front(prefix), self._back(suffix)) if options else _NOTHING


class Sections(NamedTuple):
    """The sections of the data files as unparsed lines."""

    prefixes: list[str]
    """Key, spelling, category and clitics."""
    suffixes: list[str]
    prefix_masks: list[str]
    """For each prefix category: bit masks of the compatible stem categories and suffix categories, hexadecimal."""
    suffix_masks: list[str]
    """For each suffix category: bit mask of the compatible stem categories, hexadecimal."""
    categories: list[str]
    """Names of the stem categories."""
    lemmas: list[str]
    """Vocalized form and part of speech."""
    roots: list[str]
    """Roots with weights, and the family, of each lemma."""
    line_indices: dict[str, tuple[int, ...]]
    """Indices into `stems` and `scores`, by stem key."""
    stems: list[str]
    """Lemma, category and, if it differs from the key, spelling of each stem of a key."""
    scores: list[str]
    """Score of each of these stems; empty as long as no priors are fitted."""
    prefix_scores: list[str]
    """Key, and its score with each stem category. So has `suffix_scores`."""
    suffix_scores: list[str]


def load_lexicon(folder: Path) -> Lexicon:
    """Return the lexicon in the data files of `folder`.

    Raises:
        OSError: a file is missing or damaged.
    """
    words, more, roots, priors = (read_sections(folder / name) for name in FILES)
    return Lexicon(joined(words, more, roots, priors))


def joined(
    words: list[list[str]], more: list[list[str]], roots: list[list[str]], priors: list[list[str]] | None
) -> Sections:
    """Return the sections of all files combined; `priors` is None before they are fitted."""
    prefixes, suffixes, prefix_masks, suffix_masks, categories, lemmas, keys, stems = words
    more_lemmas, more_keys, more_stems = more
    line_indices: dict[str, tuple[int, ...]] = {key: (index,) for index, key in enumerate(keys)}
    for index, key in enumerate(more_keys, len(keys)):
        line_indices[key] = (*line_indices.get(key, ()), index)
    before, after, scores = priors or ([], [], [])
    return Sections(
        prefixes,
        suffixes,
        prefix_masks,
        suffix_masks,
        categories,
        lemmas + more_lemmas,
        roots[0],
        line_indices,
        stems + more_stems,
        scores,
        before,
        after,
    )


def read_sections(path: Path) -> list[list[str]]:
    """Return the lines of each section of a data file."""
    text = gzip.decompress(path.read_bytes()).decode()
    return [section.split("\n") if section else [] for section in text.split(SECTION_END)]


_MARKS = dict.fromkeys(
    code
    for first, last in [(part[0], part[-1]) for part in ("\u064b-\u065f", "\u0670")]
    for code in range(ord(first), ord(last) + 1)
)


def without_marks(vocalized: str) -> str:
    """Return a vocalized dictionary form without harakat, alef wasla as a plain alef."""
    return vocalized.translate(_MARKS).replace("\N{ARABIC LETTER ALEF WASLA}", ALEF)


_BARE, _WRONG, _OTHER_HAMZA, _DOTS, _UNDOTTED, _PRONOUN = -50, -450, -800, -200, -300, -900
"""Score of a letter that differs from the dictionary's, in hundredths of a nat: a bare alef is usual, a wrong hamza is
rare, and a written teh marbuta is never a pronoun. Set by hand on difficult cases, not fitted."""
_COSTS = (
    {(ALEF, hamzated): _BARE for hamzated in (ALEF_HAMZA_ABOVE, ALEF_HAMZA_BELOW, ALEF_MADDA)}
    | {(ALEF_HAMZA_BELOW, ALEF): -300}
    | dict.fromkeys(itertools.permutations((ALEF_HAMZA_ABOVE, ALEF_HAMZA_BELOW, ALEF_MADDA), 2), _OTHER_HAMZA)
    | {(YEH, ALEF_MAKSURA): _DOTS, (ALEF_MAKSURA, YEH): _DOTS}
    | {(HEH, TEH_MARBUTA): _UNDOTTED, (TEH_MARBUTA, HEH): _PRONOUN}
)


def agreement(written: str, spelled: str) -> int:
    """Return the score, at most 0, of `written` as a writing of the dictionary's `spelled`, in hundredths of a nat.

    It is 0 if they are equal, and if they differ in length (hamza and alef written for a madda).
    """
    cost = 0
    if len(written) == len(spelled):
        for pair in zip(written, spelled, strict=True):
            if pair[0] != pair[1]:
                cost += _COSTS.get(pair, _WRONG)
    return cost


def key_of(form: str) -> str:
    """Return the look-up key of a written or dictionary form: its surface."""
    return folding.surface(folding.base(form))


def _affixes(lines: list[str]) -> dict[str, list[Affix]]:
    affixes: dict[str, list[Affix]] = {}
    for line in lines:
        key, spelled, category, *clitics = line.split("\t")
        affix = Affix(spelled, int(category), tuple(clitics), sum(map(len, clitics)))
        affixes.setdefault(key, []).append(affix)
    return affixes


def _scores(lines: list[str]) -> dict[str, str]:
    fields = (line.split("\t") for line in lines)
    return {key: scores for key, scores, *_ in fields}


def _numbers(text: str | None) -> tuple[int, ...]:
    return tuple(map(int, text.split(" "))) if text else ()
