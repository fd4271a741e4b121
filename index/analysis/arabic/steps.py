"""The steps of the `pipeline`. Each sets what it finds out on the draft of a word, from what earlier steps have set."""

from __future__ import annotations

import dataclasses

from index.analysis.arabic import folding, latin, quranic
from index.analysis.arabic.clitic_reader import has_tanwin
from index.analysis.arabic.clitics import particles_in
from index.analysis.arabic.compound_rules import Compound, CompoundRules
from index.analysis.arabic.lam_alef import in_order
from index.analysis.arabic.letters import ALEF, ALEF_MADDA, HAMZA, WAW
from index.analysis.arabic.reader import WordReader
from index.analysis.arabic.stopwords import StopWords
from index.analysis.arabic.tokenizer import TokenKind, kind_of, token_pattern
from index.analysis.readings import Reading
from index.analysis.terms import TermMaker
from index.analysis.tokens import FieldTerm, Word
from index.schema import TokenField


@dataclasses.dataclass(slots=True, eq=False)
class Draft:
    """A token on its way through the pipeline."""

    spelled: str
    """The token as it stands in the text."""
    plain: bool
    """Whether it has only letters of the Arabic alphabet, so that it is its own written form."""
    kind: TokenKind = TokenKind.ARABIC
    particle: str = ""
    """The Arabic particle before a number or a word of another script, as it is spelled."""
    tanwin: bool = False
    """Whether the final alef is an ending."""
    written: str = dataclasses.field(init=False)
    base: str = dataclasses.field(init=False)
    surface: str = dataclasses.field(init=False)
    """The forms of `folding`."""
    stop: str = ""
    """Name of the rule that makes it a stop word; empty for other words."""
    has_twin: bool = False
    """Whether it is a content word that is folded to the letters of a stop word."""
    reordered: bool = False
    """Whether lam and alef were exchanged in the written form."""
    readings: tuple[Reading, ...] = ()
    compound: Compound | None = None
    """The compound that it is."""
    joins: bool = False
    """As in `Word`."""
    word: Word = dataclasses.field(init=False)


@dataclasses.dataclass(frozen=True, slots=True)
class WordData:
    """What the steps consult."""

    stop_words: StopWords
    reader: WordReader
    compounds: CompoundRules
    terms: TermMaker


def classify(draft: Draft, _: WordData) -> None:
    """Find out what the token consists of."""
    if draft.plain:
        return
    match = token_pattern().match(draft.spelled)
    if match is None:
        raise ValueError(f"not a token: {draft.spelled[:40]!r}")
    draft.kind, draft.particle = kind_of(match), match["particle"] or ""
    draft.tanwin = has_tanwin(draft.spelled)


def drop_marks(draft: Draft, _: WordData) -> None:
    """Set the written form; a token of marks alone stays as it is."""
    # in text from a PDF, spaces may stand before the marks of a word
    letters = draft.spelled.replace(" ", "") if draft.kind is TokenKind.ARABIC else draft.spelled
    draft.written = draft.spelled if draft.plain else folding.written(letters) or draft.spelled


def order_letters(draft: Draft, data: WordData) -> None:
    """Exchange lam and alef where a PDF has left them in the wrong order."""
    if draft.kind is TokenKind.ARABIC:
        ordered = in_order(draft.written, data.reader.evidence)
        draft.written, draft.reordered = ordered, ordered != draft.written


def modernize(draft: Draft, data: WordData) -> None:
    """Replace the written form of a word in Quranic spelling by the modern one."""
    if not draft.plain and draft.kind is TokenKind.ARABIC and quranic.is_quranic(draft.spelled):
        draft.written = data.stop_words.without_madda(data.reader.modern(draft.spelled, draft.written))
    if draft.written.startswith(HAMZA + ALEF):
        draft.written = ALEF_MADDA + draft.written[2:]


def fold_letters(draft: Draft, _: WordData) -> None:
    """Set the base form: alefs, foreign letters and accents are folded, endings are kept."""
    draft.base = folding.base(draft.written) or draft.written


def mark_stop_word(draft: Draft, data: WordData) -> None:
    """Find out whether it is a stop word. Clitics are cut later: the list has words with their conjunction."""
    draft.stop = data.stop_words.rule(draft.base, draft.written)
    draft.has_twin = data.stop_words.has_twin(draft.base, draft.written)


def fold_endings(draft: Draft, _: WordData) -> None:
    """Set the surface: teh marbuta and alef maksura are folded too."""
    draft.surface = folding.surface(draft.base)


def find_readings(draft: Draft, data: WordData) -> None:
    """Find the clitics, lemma, family and roots of a word that is not a stop word."""
    if draft.stop:
        return
    if draft.kind is TokenKind.ARABIC:
        draft.readings = data.reader.read(draft.surface, draft.base, draft.written, tanwin=draft.tanwin)
    else:
        _read_other(draft)


def find_compound(draft: Draft, data: WordData) -> None:
    """Find out whether the word is a compound, or may begin one.

    If the word was not read as a whole, the compound is its only reading (بنكيران is not ب and an unknown word).
    """
    if draft.kind is TokenKind.INITIALS:
        draft.compound = _initials(draft)
    elif draft.kind is not TokenKind.ARABIC:
        return
    elif len(draft.surface) == 1:
        draft.joins = draft.surface != WAW
        return
    elif data.compounds.concerns(draft.surface, draft.written, draft.readings):
        draft.compound = data.compounds.joined(draft.surface, draft.written, draft.readings)
        draft.joins = draft.compound is not None or data.compounds.may_begin(draft.surface)
    compound = draft.compound
    if compound is None:
        return
    draft.joins = True
    if compound.stop:
        draft.stop, draft.readings = draft.stop or compound.rule, ()
    elif draft.readings and not "".join(compound.parts).startswith(draft.readings[0].stem):
        draft.readings = (_name(compound),)


def emit_terms(draft: Draft, data: WordData) -> None:
    """Make the word with its terms at all match levels; a stop word has those of its letters."""
    if draft.stop:
        word = data.terms.stop_word(draft.written, draft.surface)
    else:
        word = data.terms.word(draft.written, draft.surface, draft.readings)
        if draft.has_twin:
            word = data.terms.with_stop_term(word)
        if draft.compound:
            word = word._replace(terms=(*word.terms, FieldTerm(TokenField.SPELLING, draft.compound.key)))
    if draft.joins:
        word = word._replace(compound=draft.compound.split if draft.compound else "", joins=True)
    draft.word = word


def _initials(draft: Draft) -> Compound | None:
    """Return the compound of the letters of an Arabic abbreviation with dots; None for other letters."""
    if not folding.is_plain(draft.surface):
        return None
    return Compound("", tuple(draft.surface), " ".join(draft.surface), "initials")


def _name(compound: Compound) -> Reading:
    joined = "".join(compound.parts)
    return Reading(
        stem=joined,
        lemma=joined,
        family=joined,
        pos="name",
        proclitics=particles_in(compound.particles),
        source="names",
        rule=compound.rule,
    )


def _read_other(draft: Draft) -> None:
    """Set the forms and readings of a number, address or word of another script, with its Arabic particle."""
    proclitic = folding.base(folding.written(draft.particle))
    written = folding.written(draft.spelled[len(draft.particle) :]) or draft.spelled
    reading = latin.read(draft.kind, written)
    draft.written, draft.surface = proclitic + written, proclitic + reading.surface
    draft.readings = tuple(
        Reading(
            stem=stem,
            lemma=reading.lemma,
            family=reading.lemma,
            proclitics=particles_in(proclitic) + reading.proclitics,
            enclitics=reading.enclitics,
            weight=1 / len(reading.stems),
            source="latin" if reading.lemma else "counts",
        )
        for stem in reading.stems
    )
