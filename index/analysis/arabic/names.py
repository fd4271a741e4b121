"""Names: which words are names or come from a name, and therefore have no root.

There are three kinds: names (washington, al-yaman), the adjectives and peoples that belong to a name (a nisba: french,
the russians), and loan words. All have clitics, a lemma and a spelling key; none has a root. Listed words come from the
files in `data/names`, each with its source. Words that are neither in these lists nor in the lexicon are classified by
the letter model, which distinguishes foreign from Arabic spellings.

Arabic given names that are also words (muhammad, said) are not listed: the lexicon reads them as words.
"""

from __future__ import annotations

import enum
import functools
import gzip
import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from index.analysis.arabic import folding
from index.analysis.arabic.clitics import ARTICLE, CONJUNCTIONS, PREPOSITIONS, with_article
from index.analysis.arabic.letters import (
    ALEF,
    ALEF_HAMZA_ABOVE,
    ALEF_HAMZA_BELOW,
    ALEF_MADDA,
    ALEF_MAKSURA,
    HEH,
    KAF,
    LAM,
    NOON,
    TATWEEL,
    TEH,
    TEH_MARBUTA,
    WAW,
    YEH,
)
from index.analysis.arabic.name_variants import (
    SpellingClasses,
    has_many_consonants,
    load_own_names,
    load_spelling_classes,
)

NAME_FILES = ("cldr.tsv", "geonames.tsv", "tables.tsv", "news.tsv")
"""Lists of forms, the most reliable first: the first list that has a form decides on its entry."""
LETTER_FILE = "letter_odds.tsv.gz"

_FOLDED_AWAY = (ALEF_MADDA, ALEF_HAMZA_ABOVE, ALEF_HAMZA_BELOW, ALEF_MAKSURA, TEH_MARBUTA)
LETTERS = "".join(
    letter for letter in map(chr, (*range(0x621, 0x63B), *range(ord(TATWEEL) + 1, 0x64B))) if letter not in _FOLDED_AWAY
)
"""The letters of a surface, in the order of the columns of the letter file. One more column is the end of the word."""
WORD_START, WORD_END = "^", "$"

ALSO_WORD = "w"
"""Flag of a name whose letters are also a common word."""
FEMININE_COUNTRY = "f"
"""Flag of an adjective whose feminine without the article is also the name of the country."""

_HAMZATED = frozenset((ALEF_HAMZA_ABOVE, ALEF_HAMZA_BELOW, ALEF_MADDA))
_ARTICLES = tuple(map(with_article, ("", *CONJUNCTIONS, *PREPOSITIONS)))
_SHORTEST_CUT = 3
"""Letters that a name must have after a particle."""
_DOUBTFUL_CUT = 4
"""A shorter name after a particle of one letter may be chance."""
_ENDINGS = {
    HEH: (HEH,),
    NOON: (YEH + NOON, WAW + NOON, ALEF + NOON, TEH + YEH + NOON, TEH + ALEF + NOON),
    TEH: (ALEF + TEH,),
    ALEF: (ALEF,),
}
"""Endings of an adjective in -i by their last letter: feminine, plurals, duals, tanwin; as written in a surface."""
_LOAN_ENDINGS = (ALEF + TEH, ALEF + NOON, YEH + NOON, ALEF)
_FOREIGN = 20
"""Score from which a spelling is taken for foreign, in tenths of a nat.

91% of 17,000 foreign place names and 2% of 35,000 Arabic words of the news are above it (counted on the training data;
the tests and the bench use other words)."""
_SHORTEST_FOREIGN = 4


class NameKind(enum.StrEnum):
    """What a listed form is; the values are those of the data files."""

    NAME = "n"
    NISBA = "a"
    """An adjective in -i from a name, or the people of a name."""
    LOAN = "l"
    """A common noun of foreign origin."""


class NameReading(NamedTuple):
    """A word read as a name. It has no root."""

    name: str
    """Surface without the clitics; countries that always have the article keep it."""
    lemma: str
    """Surface of the dictionary form: the name itself, the masculine singular of a nisba."""
    kind: NameKind
    family: str
    """Key of the derivation family: the name that a nisba belongs to, or the lemma of a name."""
    proclitics: tuple[str, ...]
    """Particles in order of speech, including the article unless the name always has it."""
    enclitics: tuple[str, ...]
    """Without the ending of an inflected nisba or loan word, which belongs to `name`."""
    spelling: str
    """Equal for two spellings of one name (see `name_variants`)."""
    also_word: bool
    """Whether the same letters are also a common word, so that the lexicon's readings are kept too."""
    sources: tuple[str, ...]
    """File names, without the suffix, of the lists that have the form; `letters` for the letter model."""


class _Entry(NamedTuple):
    kind: NameKind
    lemma: str
    family: str
    flags: str
    """`w`: also a word; `f`: see `FEMININE_COUNTRY`; a particle, or `A` for the article: after it the letters may be
    another word."""
    sources: tuple[str, ...]

    def takes(self, stem: str, ending: str) -> bool:
        """Return whether the ending may inflect `stem`, the form of this entry."""
        if self.kind is NameKind.NISBA:
            return stem.endswith(YEH)
        return self.kind is NameKind.LOAN and ending in _LOAN_ENDINGS


_Division = tuple[tuple[str, ...], str]
"""Proclitics, and the surface without them."""


class _Front(NamedTuple):
    """The particles that the letters at the beginning of a word may be."""

    proclitics: tuple[str, ...]
    length: int
    """Letters that are cut."""
    added: str
    """The alef that the article of a name loses after lam; else empty."""
    article: int
    """Index of the first letter of the article, -1 if there is none."""


_GUESSED = _Entry(NameKind.NAME, "", "", "", ("letters",))
_RESPELLED = _Entry(NameKind.NAME, "", "", "", ("another spelling",))


class NameReader:
    """Finds names by the given lists and letter model. Immutable, therefore thread-safe."""

    def __init__(
        self, entries: Mapping[str, _Entry], odds: Mapping[str, tuple[int, ...]], spellings: SpellingClasses
    ) -> None:
        self._entries = entries
        self._odds = odds
        self._spellings = spellings
        self._respellable = functools.cache(self._keys_of_long_names)

    def read(self, surface: str, written: str = "") -> NameReading | None:
        """Return the listed name in a surface, with or without particles before it, or None; never raises.

        The reading that cuts least wins. `written` is the written form, or empty if unknown: a hamza on its alef shows
        that the letters are not the article.
        """
        entries, divisions = self._entries, _divisions(surface, written)
        for division in divisions:
            if division[1] in entries:
                return self._reading(division, entries[division[1]])
        endings = _ENDINGS.get(surface[-1:])
        if endings:
            for division in divisions:
                entry = self._inflected(division[1], endings)
                if entry:
                    return self._reading(division, entry)
        return None

    def _reading(self, division: _Division, entry: _Entry) -> NameReading:
        proclitics, name = division
        lemma = entry.lemma or _dictionary_form(name, entry.kind)
        country = FEMININE_COUNTRY in entry.flags and name == lemma + HEH and ARTICLE not in proclitics
        return NameReading(
            name=name,
            lemma=lemma,
            kind=entry.kind,
            family=entry.family or lemma,
            proclitics=proclitics,
            enclitics=(),
            spelling=self._spellings.key(name if country else lemma),
            also_word=_is_doubtful(proclitics, name, entry.flags),
            sources=entry.sources,
        )

    def guess(self, base: str, written: str = "") -> NameReading | None:
        """Return the reading of an unlisted word as a name if its letters look foreign, else None.

        Only the conjunction and the article are cut: the letters do not show whether a ب is a particle or the first
        letter of the name.
        """
        division = _outermost(base, written)
        _, name = division
        if len(name) < _SHORTEST_FOREIGN or self.foreignness(name) < _FOREIGN:
            return None
        return self._reading(division, _GUESSED)

    def respelled(self, surface: str, written: str = "") -> NameReading | None:
        """Return the reading of an unlisted word as another spelling of a listed name, else None.

        The name must have many consonants; in short names the letters that are folded distinguish names.
        """
        known = self._respellable()
        for division in _divisions(surface, written):
            # kaf is the first letter of many names, and seldom stands before one
            if KAF not in division[0] and self._spellings.key(division[1]) in known:
                return self._reading(division, _RESPELLED)
        return None

    def spelling(self, name: str) -> str:
        """Return the spelling class of a name that has many consonants, else an empty string."""
        key = self._spellings.key(name)
        return key if has_many_consonants(key) else ""

    def foreignness(self, surface: str) -> int:
        """Return the log odds of a foreign name against an Arabic word for these letters, in tenths of a nat.

        0 for a form with a character outside `LETTERS`.
        """
        context, score = WORD_START * 2, 0
        for letter in without_particles(surface):
            column = LETTERS.find(letter)
            if column < 0:
                return 0
            score += self._odds[context][column]
            context = context[1] + letter
        return score + self._odds[context][-1]

    def _keys_of_long_names(self) -> frozenset[str]:
        """Return the spelling classes of the listed names that have many consonants."""
        keys = (self._spellings.key(form) for form, entry in self._entries.items() if entry.kind is not NameKind.NISBA)
        return frozenset(key for key in keys if has_many_consonants(key))

    def _inflected(self, name: str, endings: tuple[str, ...]) -> _Entry | None:
        """Return the entry, with its lemma, of the listed adjective or loan word that `name` inflects, or None."""
        for ending in endings:
            if name.endswith(ending):
                stem = name[: -len(ending)]
                entry = self._entries.get(stem)
                if entry and entry.takes(stem, ending):
                    return entry._replace(lemma=entry.lemma or stem)
        return None


def without_particles(surface: str) -> str:
    """Return a surface without the article and a particle before it: the input of the letter model."""
    for article in _ARTICLES:
        if surface.startswith(article):
            rest = surface[len(article) :]
            return rest if len(rest) >= _SHORTEST_CUT else surface
    return surface


def load_name_reader(folder: Path) -> NameReader:
    """Return the reader of the shipped lists in `folder`.

    Raises:
        OSError: a file is missing or damaged.
    """
    entries: dict[str, _Entry] = {}
    for file in NAME_FILES:
        shared: dict[tuple[str, _Entry | None], _Entry] = {}
        for line in (folder / file).read_text(encoding="utf-8").splitlines():
            form, _, values = line.partition("\t")
            earlier = entries.get(form)
            # There are few combinations of values, so lines share entries.
            entry = shared.get((values, earlier))
            if entry is None:
                entry = shared[values, earlier] = _entry_of(values, earlier, file.partition(".")[0])
            entries[form] = entry
    for spelled in itertools.chain.from_iterable(load_own_names(folder)):
        flags = ALSO_WORD if spelled.startswith(ARTICLE) else ""  # without the article the letters are a common word
        lemma = spelled if spelled.endswith(ALEF_MAKSURA) else ""
        entries.setdefault(folding.fold(spelled), _Entry(NameKind.NAME, lemma, "", flags, ("own list",)))
    with gzip.open(folder / LETTER_FILE, "rt", encoding="utf-8") as lines:
        rows = (line.split("\t") for line in lines)
        odds = {context: tuple(map(int, numbers.split())) for context, numbers in rows}
    return NameReader(entries, odds, load_spelling_classes(folder))


def _entry_of(values: str, earlier: _Entry | None, source: str) -> _Entry:
    """Return the entry of a line, or the entry of an earlier list with `source` added."""
    if earlier:
        return earlier._replace(sources=(*earlier.sources, source))
    kind, lemma, family, flags = values.split("\t")
    return _Entry(NameKind(kind), lemma, family, flags, (source,))


def _dictionary_form(name: str, kind: NameKind) -> str:
    """Return the lemma of a listed form whose line has none."""
    return name.removeprefix(ARTICLE) if kind is NameKind.NISBA else name


def _divisions(surface: str, written: str) -> list[_Division]:
    """Return the divisions of a word into particles and rest, from no cut to the longest cut."""
    divisions: list[_Division] = [((), surface)]
    fronts = _fronts()
    if surface[:1] not in fronts:
        return divisions
    for end in range(1, len(surface)):
        readings = fronts.get(surface[:end])
        if readings is None:
            break
        for proclitics, length, added, article in readings:
            name = added + surface[length:]
            hamzated = article >= 0 and len(written) == len(surface) and written[article] in _HAMZATED
            if len(name) >= _SHORTEST_CUT and not hamzated:
                divisions.append((proclitics, name))
    return divisions


@functools.cache
def _fronts() -> dict[str, tuple[_Front, ...]]:
    """Return the readings of first letters of a word as particles; empty for letters that only begin a longer key."""
    fronts: dict[str, tuple[_Front, ...]] = {}
    for conjunction in ("", *CONJUNCTIONS):
        for preposition in ("", *PREPOSITIONS):
            letters = conjunction + preposition
            particles = tuple(filter(None, (conjunction, preposition)))
            fronts[letters] = (_Front(particles, len(letters), "", -1),)
            fronts[letters + ALEF] = ()
            with_article = (*particles, ARTICLE)
            fronts[letters + ARTICLE] = (_Front(with_article, len(letters) + len(ARTICLE), "", len(letters)),)
            if preposition == LAM:
                # After lam the article loses its alef.
                article_of_name = _Front(particles, len(letters), ALEF, -1)
                fronts[letters + LAM] = (article_of_name, _Front(with_article, len(letters) + 1, "", -1))
    return fronts


def _is_doubtful(proclitics: tuple[str, ...], name: str, flags: str) -> bool:
    """Return whether a name, with its proclitics, may also be a common word."""
    if not proclitics:
        return ALSO_WORD in flags
    last = proclitics[-1]
    if last == ARTICLE:
        return ALSO_WORD in flags or "A" in flags
    return ALSO_WORD in flags or last in flags or len(name) < _DOUBTFUL_CUT


def _outermost(base: str, written: str) -> _Division:
    """Return a word divided after its conjunction and article, if it begins with them."""
    proclitics: tuple[str, ...] = ()
    rest = base
    if rest.startswith(WAW) and (rest[1:2] not in (ALEF, WAW, YEH) or rest.startswith(WAW + ARTICLE)):
        proclitics, rest = (WAW,), rest[1:]
    first = written[len(base) - len(rest) :][:1] if len(written) == len(base) else ""
    if rest.startswith(ARTICLE) and first not in _HAMZATED and len(rest) >= len(ARTICLE) + _SHORTEST_FOREIGN:
        proclitics, rest = (*proclitics, ARTICLE), rest[len(ARTICLE) :]
    return proclitics, folding.surface(rest)


@functools.cache
def shipped_names() -> NameReader:
    """Return the reader of the shipped lists: loaded at the first call, the same object at later calls."""
    return load_name_reader(Path(__file__).parent / "data" / "names")
