"""A word's analysis as it is shown: its steps, and its pieces: particles, stem, ending of the stem, pronouns.

For display only: the index has the stem with its ending, and the dictionary form.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from index.analysis.analyzer import Analyzer, Explanation, Step
from index.analysis.arabic import folding
from index.analysis.arabic.letters import ALEF, HEH, MEEM, NOON, TEH, TEH_MARBUTA, WAW, YEH
from index.analysis.readings import Reading
from index.analysis.tokens import Token, Word
from web.shortening import shortened

_ENDINGS = (
    TEH + ALEF + NOON,
    TEH + YEH + NOON,
    ALEF + TEH,
    WAW + NOON,
    YEH + NOON,
    ALEF + NOON,
    WAW + ALEF,
    NOON + ALEF,
    TEH + MEEM,
    HEH,
    TEH,
    NOON,
    ALEF,
)
"""Endings of nouns and of the perfect, folded, longest first (Wright, vol. 1, sections 89 and 299-313)."""

LETTER_STEPS = 2
"""Number of the first steps, on the letters of a word: `written` and `surface`."""


def pieces(reading: Reading, word: Word) -> tuple[str, ...]:
    """Return the parts of a word in their order, with the letters of the written word where they can be aligned."""
    stem, *ending = _inflected(reading.stem, folding.fold(reading.lemma))
    if stem.endswith(HEH) and reading.lemma.endswith(TEH_MARBUTA):
        stem = stem[:-1] + TEH_MARBUTA  # before a pronoun it is written as teh
    parts = [*reading.proclitics, stem, *ending, *reading.enclitics]
    if folding.surface("".join(parts)) + ALEF == word.surface and not ending and not reading.enclitics:
        parts.append(ALEF)  # of the accusative: written, and no letter of the stem
    return tuple(_as_written(parts, word))


def explained(text: str, analyzer: Analyzer) -> Iterator[tuple[Token, Explanation]]:
    """Yield the tokens of a text, each with its explanation; at the first token of a compound it has a step for it."""
    for token in analyzer.analyze(text).tokens():
        found = analyzer.explain(token.text)
        if found:
            if token.word.compound:
                letters, rest = found.steps[:LETTER_STEPS], found.steps[LETTER_STEPS:]
                step = Step("compound", token.word.compound, "one name, in one word or in several")
                found = dataclasses.replace(found, steps=(*letters, step, *rest))
            yield token._replace(word=found.word._replace(stop=token.word.stop)), found


def shown_steps(found: Explanation) -> Iterator[Step]:
    """Yield the steps of the analysis for display: `+` between clitics and stem, `-` between the radicals of a root."""
    next_reading = iter(found.readings)
    for step in found.steps:
        if step.name == "clitic":
            yield step._replace(text=shortened(" + ".join(pieces(next(next_reading), found.word))))
        elif step.name == "root":
            yield step._replace(text=shown_root(step.text))
        else:
            yield step._replace(text=shortened(step.text))


def shown_root(root: str) -> str:
    """Return a root as Arabic dictionaries print it: و-ص-ل."""
    return "-".join(root)


def _inflected(stem: str, lemma: str) -> tuple[str, ...]:
    """Return a stem as dictionary form and ending; only the stem, if the inflection is not a known ending."""
    for ending in _ENDINGS if lemma and stem != lemma else ():
        head = stem[: -len(ending)]
        # A feminine loses its heh before the ending.
        if stem.endswith(ending) and (head == lemma or head + HEH == lemma):
            return head, ending
    return (stem,)


def _as_written(parts: list[str], word: Word) -> list[str]:
    """Return the parts with the letters of the written word, from its end as far as the folded letters agree."""
    if len(word.written) != len(word.surface):
        return parts
    written, end = [], len(word.surface)
    for part in reversed(parts):
        begin = end - len(part)
        if begin < 0 or word.surface[begin:end] != folding.surface(part):
            break
        written.append(word.written[begin:end])
        end = begin
    return [*parts[: len(parts) - len(written)], *reversed(written)]
