"""Names: which words are names or come from a name, and therefore have no root.

Three kinds are told apart: names (washington, al-yaman), the adjectives and peoples that belong to a name (a nisba:
french, the russians), and loan words. All have clitics, a lemma and a spelling key; none has a root. Listed words come
from the files in `data/names`, each with its source; for words that neither these lists nor the lexicon know there is
the letter model, which tells a foreign spelling from an Arabic one.

Arabic given names that are also words (muhammad, said) are not here: they are words, and the lexicon reads them.
"""

from __future__ import annotations

import enum
import functools
import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from index.analysis import folding
from index.analysis.letters import (
    ALEF,
    ALEF_HAMZA_ABOVE,
    ALEF_HAMZA_BELOW,
    ALEF_MADDA,
    ALEF_MAKSURA,
    BEH,
    FEH,
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
from index.analysis.name_variants import SpellingClasses, load_spelling_classes

NAME_FILES = ("cldr.tsv", "geonames.tsv", "tables.tsv", "news.tsv")
"""Lists of forms, the surest first: what one says of a form, a later one does not change."""
LETTER_FILE = "letter_odds.tsv.gz"

_FOLDED_AWAY = (ALEF_MADDA, ALEF_HAMZA_ABOVE, ALEF_HAMZA_BELOW, ALEF_MAKSURA, TEH_MARBUTA)
LETTERS = "".join(
    letter for letter in map(chr, (*range(0x621, 0x63B), *range(ord(TATWEEL) + 1, 0x64B))) if letter not in _FOLDED_AWAY
)
"""The letters of a surface, in the order of the columns of the letter file; the last column is the end of the word."""
WORD_START, WORD_END = "^", "$"

FEMININE_COUNTRY = "f"
"""Flag of an adjective whose feminine without the article is also the name of the country."""

_ARTICLE = ALEF + LAM
_HAMZATED = frozenset((ALEF_HAMZA_ABOVE, ALEF_HAMZA_BELOW, ALEF_MADDA))
_CONJUNCTIONS = (WAW, FEH)
_PREPOSITIONS = (BEH, LAM, KAF)
_SHORTEST_CUT = 3
"""Letters that a name has behind a particle."""
_DOUBTFUL_CUT = 4
"""Below this length what is left behind a particle of one letter may be chance."""
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

On 17,000 foreign place names and 35,000 Arabic words of the news: 91% and 2% are above it (counted on the words that
the model was made from; the tests and the bench count on others)."""
_SHORTEST_FOREIGN = 4


class NameKind(enum.StrEnum):
    """What a listed form is; the values are those of the data files."""

    NAME = "n"
    NISBA = "a"
    """An adjective in -i that belongs to a name, or the people of a name."""
    LOAN = "l"
    """A common noun of foreign origin."""


class NameReading(NamedTuple):
    """A word read as a name. It has no root, whatever its letters are."""

    name: str
    """Surface without the clitics; countries keep the article that they always have."""
    lemma: str
    """Surface of the dictionary form: the name itself, the masculine singular of a nisba."""
    kind: NameKind
    family: str
    """The name that a nisba belongs to; of a name its own lemma. Equal keys are one family."""
    proclitics: tuple[str, ...]
    """Particles in order of speech; the article too where the name does not always have it."""
    enclitics: tuple[str, ...]
    """The ending of an inflected nisba or loan word is not among them: it belongs to `name`."""
    spelling: str
    """Equal for two spellings of one name (see `spelling`)."""
    also_word: bool
    """Whether the same letters are also a common word, so that the lexicon's readings stand beside this one."""
    sources: tuple[str, ...]
    """The lists that have the form, without their endings, or `letters` for the letter model."""


class _Entry(NamedTuple):
    kind: NameKind
    lemma: str
    family: str
    flags: str
    """`w`: also a word; `f`: see `FEMININE_COUNTRY`; a particle, or `A` for the article: behind it the letters may be
    something else."""
    sources: tuple[str, ...]

    def takes(self, stem: str, ending: str) -> bool:
        """Return whether `stem`, the form of this entry, is inflected by the ending."""
        if self.kind is NameKind.NISBA:
            return stem.endswith(YEH)
        return self.kind is NameKind.LOAN and ending in _LOAN_ENDINGS


_Division = tuple[tuple[str, ...], str]
"""Proclitics, and the surface of what is left."""


class _Front(NamedTuple):
    """What the letters at the beginning of a word may be."""

    proclitics: tuple[str, ...]
    length: int
    """Letters that are cut."""
    added: str
    """The alef that the article of a name has lost behind lam."""
    article: int
    """Where an article begins, -1 where there is none."""


_GUESSED = _Entry(NameKind.NAME, "", "", "", ("letters",))


class NameReader:
    """Finds names on the given lists; immutable, so that threads may share it."""

    def __init__(
        self, entries: Mapping[str, _Entry], odds: Mapping[str, tuple[int, ...]], spellings: SpellingClasses
    ) -> None:
        self._entries = entries
        self._odds = odds
        self._spellings = spellings

    def read(self, surface: str, written: str = "") -> NameReading | None:
        """Return the listed name in a surface, behind whatever particles, or None; never raises.

        The reading that cuts least wins. `written` shows the hamza that an article never has.
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
        country = FEMININE_COUNTRY in entry.flags and name == lemma + HEH and _ARTICLE not in proclitics
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
        """Return a word that no list and no lexicon has as a name if its letters look foreign, else None.

        Only the conjunction and the article are cut: whether a name begins with ب or has it before it, its letters
        do not tell.
        """
        division = _outermost(base, written)
        _, name = division
        if len(name) < _SHORTEST_FOREIGN or self.foreignness(name) < _FOREIGN:
            return None
        return self._reading(division, _GUESSED)

    def foreignness(self, surface: str) -> int:
        """Return how much likelier the letters are for a foreign name than for an Arabic word: log odds in tenths.

        0 for a form with other letters than the Arabic ones.
        """
        context, score = WORD_START * 2, 0
        for letter in without_particles(surface):
            column = LETTERS.find(letter)
            if column < 0:
                return 0
            score += self._odds[context][column]
            context = context[1] + letter
        return score + self._odds[context][-1]

    def _inflected(self, name: str, endings: tuple[str, ...]) -> _Entry | None:
        """Return the entry of a listed adjective or loan word that `name` is an inflection of, with its lemma."""
        for ending in endings:
            if name.endswith(ending):
                stem = name[: -len(ending)]
                entry = self._entries.get(stem)
                if entry and entry.takes(stem, ending):
                    return entry._replace(lemma=entry.lemma or stem)
        return None


def without_particles(surface: str) -> str:
    """Return a surface without the article and a particle before it: what the letter model reads."""
    for before in ("", WAW, BEH, FEH, KAF):
        if surface.startswith(before + _ARTICLE):
            rest = surface[len(before) + len(_ARTICLE) :]
            return rest if len(rest) >= _SHORTEST_CUT else surface
    rest = surface.removeprefix(LAM + LAM)
    return rest if len(rest) >= _SHORTEST_CUT else surface


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
            # Few combinations of values exist; their entries are shared.
            entry = shared.get((values, earlier))
            if entry is None:
                entry = shared[values, earlier] = _entry_of(values, earlier, file.partition(".")[0])
            entries[form] = entry
    with gzip.open(folder / LETTER_FILE, "rt", encoding="utf-8") as lines:
        rows = (line.split("\t") for line in lines)
        odds = {context: tuple(map(int, numbers.split())) for context, numbers in rows}
    return NameReader(entries, odds, load_spelling_classes(folder))


def _entry_of(values: str, earlier: _Entry | None, source: str) -> _Entry:
    """Return the entry of a line, or that of an earlier list with one more source."""
    if earlier:
        return earlier._replace(sources=(*earlier.sources, source))
    kind, lemma, family, flags = values.split("\t")
    return _Entry(NameKind(kind), lemma, family, flags, (source,))


def _dictionary_form(name: str, kind: NameKind) -> str:
    """Return the lemma of a listed form that is its own."""
    return name.removeprefix(_ARTICLE) if kind is NameKind.NISBA else name


def _divisions(surface: str, written: str) -> list[_Division]:
    """Return the word whole and without particles, the least cut first."""
    divisions: list[_Division] = [((), surface)]
    fronts = _fronts()
    if surface[:1] not in fronts:
        return divisions
    for end in range(1, len(surface)):
        found = fronts.get(surface[:end])
        if found is None:
            break
        for proclitics, length, added, article in found:
            name = added + surface[length:]
            hamzated = article >= 0 and len(written) == len(surface) and written[article] in _HAMZATED
            if len(name) >= _SHORTEST_CUT and not hamzated:
                divisions.append((proclitics, name))
    return divisions


@functools.cache
def _fronts() -> dict[str, tuple[_Front, ...]]:
    """Return what letters may be that a word begins with, nothing for those that only begin a longer entry."""
    fronts: dict[str, tuple[_Front, ...]] = {}
    for conjunction in ("", *_CONJUNCTIONS):
        for preposition in ("", *_PREPOSITIONS):
            letters = conjunction + preposition
            particles = tuple(filter(None, (conjunction, preposition)))
            fronts[letters] = (_Front(particles, len(letters), "", -1),)
            fronts[letters + ALEF] = ()
            behind = (*particles, _ARTICLE)
            fronts[letters + _ARTICLE] = (_Front(behind, len(letters) + len(_ARTICLE), "", len(letters)),)
            if preposition == LAM:
                # Behind lam the article has lost its alef.
                kept = _Front(particles, len(letters), ALEF, -1)
                fronts[letters + LAM] = (kept, _Front(behind, len(letters) + 1, "", -1))
    return fronts


def _is_doubtful(proclitics: tuple[str, ...], name: str, flags: str) -> bool:
    """Return whether a name behind its proclitics may as well be a common word."""
    if not proclitics:
        return "w" in flags
    last = proclitics[-1]
    if last == _ARTICLE:
        return "w" in flags or "A" in flags
    return "w" in flags or last in flags or len(name) < _DOUBTFUL_CUT


def _outermost(base: str, written: str) -> _Division:
    """Return a word without the conjunction and the article that it may begin with."""
    proclitics: tuple[str, ...] = ()
    rest = base
    if rest.startswith(WAW) and (rest[1:2] not in (ALEF, WAW, YEH) or rest.startswith(WAW + _ARTICLE)):
        proclitics, rest = (WAW,), rest[1:]
    first = written[len(base) - len(rest) :][:1] if len(written) == len(base) else ""
    if rest.startswith(_ARTICLE) and first not in _HAMZATED and len(rest) >= len(_ARTICLE) + _SHORTEST_FOREIGN:
        proclitics, rest = (*proclitics, _ARTICLE), rest[len(_ARTICLE) :]
    return proclitics, folding.surface(rest)


@functools.cache
def shipped_names() -> NameReader:
    """Return the reader of the lists that ship with the analysis, read at the first call and then shared."""
    return load_name_reader(Path(__file__).parent / "data" / "names")
