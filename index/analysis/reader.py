"""The reader: who is asked about a word, and in which order.

The lexicon and the lists of names first, and where both know the word, `_weighed` says which holds. Then what is
derived from a word of the lexicon, then the look of the letters (a foreign spelling is a name), then productive
patterns, and last the clitic evidence of news counts for words that nobody knows.
"""

from __future__ import annotations

import functools
from collections import Counter
from pathlib import Path

from index.analysis import folding
from index.analysis.clitics import CliticReader, without_tanwin
from index.analysis.evidence import load_word_evidence
from index.analysis.fallback import PATTERN, Fallback
from index.analysis.letters import ALEF, ALEF_MAKSURA, LAM, WAW, YEH
from index.analysis.lexicon import Lexicon, load_lexicon
from index.analysis.names import NameKind, NameReader, NameReading, load_name_reader
from index.analysis.readings import LexiconReader, Reading
from index.analysis.reviewed import ReviewedWords, load_reviewed_words

_NAME_SHARE = 0.3
"""Weight of a name that is also a common word, beside the readings of the word."""
_TWIN_SHARE = 0.1
"""Weight of the root that a hollow perfect could have too."""
_HOLLOW_LENGTH = 3
_NAME_LETTERS = 4
_SUREST = "cldr"
_SHORTEST_NAME = 3
_POS = {NameKind.NAME: "name", NameKind.NISBA: "adjective", NameKind.LOAN: "noun"}


class WordReader:
    """Reads Arabic words; shared by threads."""

    def __init__(self, lexicon: Lexicon, names: NameReader, clitics: CliticReader, reviewed: ReviewedWords) -> None:
        self._lexicon = LexiconReader(lexicon)
        self._names = names
        self._clitics = clitics
        self._reviewed = reviewed
        self._roots = functools.cache(lambda: _words_of_roots(lexicon))
        self._fallback = Fallback(lambda surface: self._lexicon.read(surface, surface), self._roots)

    def read(self, base: str, written: str = "", *, tanwin: bool = False) -> tuple[Reading, ...]:
        """Return the readings of a base form, the likeliest first; at least one, weights adding up to one.

        `written` is the form with its hamzas; `tanwin` says that its last alef is an ending for certain.
        """
        if tanwin:
            shown = len(base)
            base = without_tanwin(base)
            written = written[: len(base)] if len(written) == shown else ""
        surface = folding.surface(base)
        readings = self._reviewed.settle(surface, self._read(surface, base, written), self._look_up)
        for reading in readings:
            if reading.pos == "verb":
                return tuple(map(self._with_twin_root, readings))
        return readings

    def _look_up(self, lemma: str) -> tuple[Reading, ...]:
        return self._lexicon.read(folding.surface(lemma), lemma)

    def _read(self, surface: str, base: str, written: str) -> tuple[Reading, ...]:
        known = self._lexicon.read(surface, base, written)
        name = self._names.read(surface, written)
        if known and name and written.endswith(ALEF_MAKSURA) and not name.lemma.endswith(ALEF_MAKSURA):
            name = None  # رأى is no way to write the name راي
        if known and name:
            return _weighed(known, name)
        if known:
            return known
        return (_name(name, 1.0),) if name else self._unlisted(surface, base, written)

    def _with_twin_root(self, reading: Reading) -> Reading:
        """Return the reading with the other root that its form may have.

        The perfect of a hollow verb does not show its middle radical: قال may be of ق-و-ل and, rarely, of ق-ي-ل.
        """
        if reading.pos != "verb" or len(reading.stem) != _HOLLOW_LENGTH or reading.stem[1] != ALEF or not reading.roots:
            return reading
        root = reading.roots[0][0]
        twin = root[0] + (YEH if root[1] == WAW else WAW) + root[2:]
        if len(reading.roots) > 1 or root[1] not in {WAW, YEH} or not self._roots()[twin]:
            return reading
        return reading._replace(roots=((root, 1 - _TWIN_SHARE), (twin, _TWIN_SHARE)))

    def _unlisted(self, surface: str, base: str, written: str) -> tuple[Reading, ...]:
        """Return the readings of a word that neither the lexicon nor a list of names has."""
        derived = self._fallback.read(surface)
        if derived and derived.rule != PATTERN:
            return (derived,)
        foreign = self._names.guess(base, written)
        if foreign:
            return (_name(foreign, 1.0),)
        if derived:
            return (derived,)
        return tuple(
            Reading(
                reading.stem,
                "",
                reading.stem,
                (),
                "",
                reading.proclitics,
                reading.enclitics,
                reading.stem,
                reading.weight,
                "counts",
            )
            for reading in self._clitics.read(base, written)
        )


def _weighed(known: tuple[Reading, ...], name: NameReading) -> tuple[Reading, ...]:
    """Return the readings of a word that is on a list of names too.

    The name wins where it is a country or the like, where the lexicon has no root either, and where it is whole and
    the lexicon would cut it (بوتين is not ب and وتين), not where it would be cut (كبير is not ك and بير). An adjective
    that comes from a name keeps the root that the lexicon gives it; only that of a country is of the name's family.
    """
    best = known[0]
    if len(name.proclitics) > len(best.proclitics):
        return known
    if name.kind is NameKind.NISBA and best.roots and best.pos == "adjective":
        family = _family(name) if _SUREST in name.sources else best.family
        # Four letters are the name's own, taken for a root (ألماني: ء-ل-م-ن); three may be a root that Arabic has.
        roots = tuple(found for found in best.roots if len(found[0]) < _NAME_LETTERS)
        return (best._replace(family=family, roots=roots, spelling=name.spelling, weight=1.0),)
    whole = len(best.proclitics) + len(best.enclitics) > len(name.proclitics)
    if not name.also_word and (_SUREST in name.sources or not best.roots or whole):
        return (_name(name, 1.0),)
    if any(reading.pos == "name" for reading in known):
        return known
    rest = 1 - _NAME_SHARE
    return (
        *(reading._replace(weight=round(reading.weight * rest, 2)) for reading in known),
        _name(name, _NAME_SHARE),
    )


def _family(name: NameReading) -> str:
    """Return the family of a name, without the article that some countries always have and some writers leave out."""
    rest = name.family.removeprefix(ALEF + LAM)
    return rest if len(rest) >= _SHORTEST_NAME else name.family


def _name(name: NameReading, weight: float) -> Reading:
    rule = "foreign letters" if name.sources == ("letters",) else ", ".join(name.sources)
    return Reading(
        name.lemma,
        "",
        _family(name),
        (),
        _POS[name.kind],
        name.proclitics,
        name.enclitics,
        name.name,
        weight,
        "names",
        rule,
        name.spelling,
    )


def _words_of_roots(lexicon: Lexicon) -> Counter[str]:
    return Counter([line.partition(",")[0] for line in lexicon.root_lines() if not line.startswith("\t")])


def load_word_reader(folder: Path) -> WordReader:
    """Return the reader of the data files in a folder.

    Raises:
        OSError: a file is missing or damaged.
    """
    clitics = CliticReader(load_word_evidence(folder))
    return WordReader(load_lexicon(folder), load_name_reader(folder / "names"), clitics, load_reviewed_words(folder))
