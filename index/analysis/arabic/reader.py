"""The reader of Arabic words: which sources give the readings of a word, and in which order.

The lexicon and the lists of names are first; if both have the word, `_weighed` decides. Other words go to the guesses
of `UNLISTED`, in order of trust, until one has a reading.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from index.analysis.arabic import folding
from index.analysis.arabic.clitic_reader import CliticReader, without_tanwin
from index.analysis.arabic.clitics import ARTICLE, VOCATIVE
from index.analysis.arabic.duals import DUAL_ENDINGS, duals
from index.analysis.arabic.evidence import load_word_evidence
from index.analysis.arabic.fallback import Fallback
from index.analysis.arabic.letters import ALEF, ALEF_HAMZA_ABOVE, ALEF_MAKSURA, LAM, WAW, YEH
from index.analysis.arabic.lexicon import Lexicon, load_lexicon
from index.analysis.arabic.lexicon_reader import LexiconReader
from index.analysis.arabic.names import NameKind, NameReader, NameReading, load_name_reader
from index.analysis.arabic.quranic import WordsWithoutAlef, load_words_without_alef, modern_spellings
from index.analysis.arabic.reviewed import ReviewedWords, load_reviewed_words
from index.analysis.arabic.units import Units, load_units
from index.analysis.readings import Reading

_NAME_SHARE = 0.3
"""Weight of a name that is also a common word, beside the readings of the word."""
_TWIN_SHARE = 0.1
"""Weight of the second possible root of a hollow verb in the perfect."""
_HOLLOW_LENGTH = 3
_NAME_LETTERS = 4
_SUREST = "cldr"
_NOUNS = ("noun", "adjective")
_SHORTEST_NAME = 3
_CALLED = frozenset({"noun", "adjective", "name"})
_CALLED_SHARE = 0.7
"""Weight of the reading of an unlisted word as a vocative particle and a noun: of 86 such words in 20,129 articles of
news, one in four is a foreign name (ياكوب)."""
_SHORTEST_CALLED = 3
_POS = {NameKind.NAME: "name", NameKind.NISBA: "adjective", NameKind.LOAN: "noun"}


class WordReader:
    """Reads Arabic words. Thread-safe."""

    def __init__(
        self,
        lexicon: Lexicon,
        names: NameReader,
        clitics: CliticReader,
        reviewed: ReviewedWords,
        without_alef: WordsWithoutAlef,
        units: Units,
    ) -> None:
        self._lexicon = LexiconReader(lexicon)
        self._names = names
        self._clitics = clitics
        self._reviewed = reviewed
        self._without_alef = without_alef
        self._units = units
        self._roots = functools.cache(lambda: _words_of_roots(lexicon))
        self._fallback = Fallback(lambda surface: self._lexicon.read(surface, surface), self._roots)

    def read(self, surface: str, base: str, written: str, *, tanwin: bool = False) -> tuple[Reading, ...]:
        """Return the readings of a word in its three forms, the likeliest first: at least one, with weights of sum one.

        `tanwin` is true if the final alef has fathatan and is therefore an ending.
        """
        if len(written) != len(base):
            written = folding.aligned(written)
        if tanwin:
            length = len(base)
            base = without_tanwin(base)
            surface = folding.surface(base)
            written = written[: len(base)] if len(written) == length else ""
        readings = self._reviewed.settle(surface, self._read(surface, base, written), self._look_up)
        readings = self._units.marked(readings)
        for reading in readings:
            if reading.pos == "verb":
                return tuple(map(self._with_twin_root, readings))
        return readings

    def modern(self, spelled: str, written: str) -> str:
        """Return the modern spelling of a word that is spelled as in the Quran: the first possible that is known.

        `written` is its written form without the small letters. Some words have these in no modern spelling; in unknown
        words they count as letters.
        """
        if folding.base(written) in self._without_alef:
            return written
        spellings = modern_spellings(spelled)
        return next(filter(self._knows, spellings), spellings[0]) or written

    def _knows(self, written: str) -> bool:
        base = folding.base(written)
        surface = folding.surface(base)
        return bool(self._lexicon.read(surface, base, written)) or self._names.read(surface, written) is not None

    def evidence(self, written: str) -> int:
        """Return how well a word with its clitics is known: 0 if the lexicon has it not, more for a frequent one."""
        base = folding.base(written)
        return 1 + self._clitics.seen(base) if self._lexicon.read(folding.surface(base), base, written) else 0

    def _look_up(self, lemma: str) -> tuple[Reading, ...]:
        return self._lexicon.read(folding.surface(lemma), lemma)

    def _read(self, surface: str, base: str, written: str) -> tuple[Reading, ...]:
        dual = self._dual(surface, written) if written.endswith(DUAL_ENDINGS) else None
        if dual:
            return (dual,)
        in_lexicon = self._lexicon.read(surface, base, written)
        name = self._names.read(surface, written)
        if in_lexicon and name and written.endswith(ALEF_MAKSURA) and not name.lemma.endswith(ALEF_MAKSURA):
            name = None  # رأى is not a spelling of the name راي
        if in_lexicon and name:
            return _weighed(in_lexicon, name)
        if in_lexicon:
            return tuple(map(self._with_spelling, in_lexicon))
        return (_name(name, 1.0),) if name else self._unlisted(surface, base, written)

    def _with_spelling(self, reading: Reading) -> Reading:
        """Return the reading of a name in the lexicon with its spelling class; other readings unchanged."""
        if reading.pos != "name" or reading.roots:
            return reading
        return reading._replace(spelling=self._names.spelling(reading.stem))

    def _dual(self, surface: str, written: str) -> Reading | None:
        """Return the reading as the dual of a noun in hamza, unless the lexicon has the word with its hamza."""
        for singular, pronoun in duals(written):
            base = folding.base(singular)
            key = folding.surface(base)
            if not self._lexicon.has(key, singular):
                continue
            noun = self._lexicon.read(key, base, singular)[0]
            # not a broken plural (حلفاء); the feminine of a colour (خضراء) has the lemma of the masculine
            is_singular = noun.lemma[-1:] == singular[-1] or noun.lemma[:1] == ALEF_HAMZA_ABOVE
            if noun.pos in _NOUNS and is_singular and not noun.enclitics:
                if self._lexicon.has(surface, written):
                    return None
                return noun._replace(
                    stem=surface[len(key) - len(noun.stem) : len(surface) - len(pronoun)],
                    enclitics=(pronoun,) if pronoun else (),
                    weight=1.0,
                    rule=f"dual of {noun.lemma}",
                )
        return None

    def _with_twin_root(self, reading: Reading) -> Reading:
        """Return the reading of a hollow verb in the perfect with both possible roots; other readings unchanged.

        The form does not show the middle radical: قال may have the root ق-و-ل and, rarely, ق-ي-ل.
        """
        if reading.pos != "verb" or len(reading.stem) != _HOLLOW_LENGTH or reading.stem[1] != ALEF or not reading.roots:
            return reading
        root = reading.roots[0][0]
        twin = root[0] + (YEH if root[1] == WAW else WAW) + root[2:]
        if len(reading.roots) > 1 or root[1] not in {WAW, YEH} or not self._roots()[twin]:
            return reading
        return reading._replace(roots=((root, 1 - _TWIN_SHARE), (twin, _TWIN_SHARE)))

    def _unlisted(self, surface: str, base: str, written: str) -> tuple[Reading, ...]:
        """Return the readings of a word that is neither in the lexicon nor in a list of names."""
        guessed = next(filter(None, (guess(self, surface, base, written) for guess in UNLISTED)))
        called = self._called(surface, base, written)
        if not called:
            return guessed
        shares = ((called, _CALLED_SHARE), (guessed, 1 - _CALLED_SHARE))
        return tuple(
            one._replace(weight=round(one.weight * share, 2)) for readings, share in shares for one in readings
        )

    def _called(self, surface: str, base: str, written: str) -> tuple[Reading, ...]:
        """Return the readings of a word that is joined to the vocative particle (يامحمد, يالشباب), or none."""
        rest = len(VOCATIVE)
        if not base.startswith(VOCATIVE) or len(base) < rest + _SHORTEST_CALLED:
            return ()
        called = surface[rest:], base[rest:], written[rest:]
        best = next(iter(self._lexicon.read(*called)), None)
        if best is None or best.proclitics not in ((), (LAM,)):
            return ()
        if best.pos not in _CALLED and self._names.read(surface[rest:], written[rest:]) is None:
            return ()
        readings = self._read(*called)
        return tuple(reading._replace(proclitics=(VOCATIVE, *reading.proclitics)) for reading in readings)

    def derived(self, surface: str, _base: str, _written: str) -> tuple[Reading, ...]:
        """Return the reading by analogy with a word in the lexicon, or none."""
        reading = self._fallback.derived(surface)
        return (reading,) if reading else ()

    def foreign(self, _surface: str, base: str, written: str) -> tuple[Reading, ...]:
        """Return the reading as a foreign name, or none."""
        name = self._names.guess(base, written)
        return (_name(name, 1.0),) if name else ()

    def respelled(self, surface: str, _base: str, written: str) -> tuple[Reading, ...]:
        """Return the reading as another spelling of a listed name, or none."""
        name = self._names.respelled(surface, written)
        return (_name(name, 1.0),) if name else ()

    def patterned(self, surface: str, _base: str, _written: str) -> tuple[Reading, ...]:
        """Return the reading by a productive pattern, or none."""
        reading = self._fallback.patterned(surface)
        return (reading,) if reading else ()

    def without_clitics(self, _surface: str, base: str, written: str) -> tuple[Reading, ...]:
        """Return the readings that only have their clitics cut: one or two."""
        return tuple(
            Reading(
                stem=reading.stem,
                lemma=reading.stem,
                family=reading.stem,
                proclitics=reading.proclitics,
                enclitics=reading.enclitics,
                weight=reading.weight,
                source="counts",
            )
            for reading in self._clitics.read(base, written)
        )


UNLISTED: tuple[Callable[[WordReader, str, str, str], tuple[Reading, ...]], ...] = (
    WordReader.derived,  # an inflection of a word in the lexicon, or an adjective from one
    WordReader.respelled,  # a listed name with other letters for its sounds
    WordReader.foreign,  # a name, by the letter model
    WordReader.patterned,  # a productive pattern of a root in the lexicon
    WordReader.without_clitics,  # clitics alone, by counts of words
)
"""The guesses at words that no list has, the most trusted first. The last has a reading for every word."""


def _weighed(in_lexicon: tuple[Reading, ...], name: NameReading) -> tuple[Reading, ...]:
    """Return the readings of a word that is both in the lexicon and in a list of names.

    The name wins if it is in the CLDR list (countries, capitals), if the lexicon has no root, and if the lexicon cuts
    more clitics (بوتين is not ب and وتين). The lexicon wins if the name needs more proclitics (كبير is not ك and بير).
    An adjective from a name keeps the root of the lexicon; it gets the family of the name only if CLDR lists it.
    """
    best = in_lexicon[0]
    if len(name.proclitics) > len(best.proclitics):
        return in_lexicon
    if name.kind is NameKind.NISBA and best.roots and best.pos == "adjective":
        family = _family(name) if _SUREST in name.sources else best.family
        # A root of four letters was made from the name (ألماني: ء-ل-م-ن); one of three may be an Arabic root.
        roots = tuple(weighted for weighted in best.roots if len(weighted[0]) < _NAME_LETTERS)
        return (best._replace(family=family, roots=roots, spelling=name.spelling, weight=1.0),)
    whole = len(best.proclitics) + len(best.enclitics) > len(name.proclitics)
    if not name.also_word and (_SUREST in name.sources or not best.roots or whole):
        return (_name(name, 1.0),)
    if any(reading.pos == "name" for reading in in_lexicon):
        return tuple(
            reading._replace(spelling=name.spelling) if reading.pos == "name" and reading.stem == name.name else reading
            for reading in in_lexicon
        )
    rest = 1 - _NAME_SHARE
    return (
        *(reading._replace(weight=round(reading.weight * rest, 2)) for reading in in_lexicon),
        _name(name, _NAME_SHARE),
    )


def _family(name: NameReading) -> str:
    """Return the family of a name without the article, which some writers leave out even for countries that have it."""
    rest = name.family.removeprefix(ARTICLE)
    return rest if len(rest) >= _SHORTEST_NAME else name.family


def _name(name: NameReading, weight: float) -> Reading:
    rule = "foreign letters" if name.sources == ("letters",) else ", ".join(name.sources)
    return Reading(
        stem=name.name,
        lemma=name.lemma,
        family=_family(name),
        pos=_POS[name.kind],
        proclitics=name.proclitics,
        enclitics=name.enclitics,
        weight=weight,
        source="names",
        rule=rule,
        spelling=name.spelling,
    )


def _words_of_roots(lexicon: Lexicon) -> Counter[str]:
    return Counter([line.partition(",")[0] for line in lexicon.root_lines() if not line.startswith("\t")])


def load_word_reader(folder: Path) -> WordReader:
    """Return the reader of the data files in `folder`.

    Raises:
        OSError: a file is missing or damaged.
    """
    clitics = CliticReader(load_word_evidence(folder))
    return WordReader(
        load_lexicon(folder),
        load_name_reader(folder / "names"),
        clitics,
        load_reviewed_words(folder),
        load_words_without_alef(folder),
        load_units(folder),
    )
