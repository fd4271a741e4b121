"""The inventory of clitics, compared with the affixes of the lexicon."""

from __future__ import annotations

from pathlib import Path

import pytest

import index.analysis.arabic
from index.analysis.arabic.clitics import CLITICS, Slot, letters_of, particles_in
from index.analysis.arabic.lexicon import FILES, Affix, read_sections

LINES = read_sections(Path(index.analysis.arabic.__file__).parent / "data" / FILES[0])
"""Sections of the file: prefixes, then suffixes."""


def clitics_of(lines: list[str]) -> set[tuple[str, ...]]:
    return {tuple(line.split("\t")[Affix._fields.index("clitics") + 1 :]) for line in lines}


def test_the_inventory_has_the_clitics_of_the_lexicon() -> None:
    proclitics = {clitic for clitics in clitics_of(LINES[0]) for clitic in clitics}
    enclitics = {clitic for clitics in clitics_of(LINES[1]) for clitic in clitics}

    assert enclitics == set(letters_of(Slot.PRONOUN))
    assert proclitics == {clitic.letters for clitic in CLITICS if clitic.slot is not Slot.PRONOUN}


def test_a_word_of_the_lexicon_has_one_clitic_a_slot_in_order() -> None:
    slots = {clitic.letters: clitic.slot for clitic in CLITICS if clitic.slot is not Slot.PRONOUN}
    for clitics in clitics_of(LINES[0]):
        order = [slots[clitic] for clitic in clitics]
        assert order == sorted(set(order)), clitics


def test_no_slot_has_the_same_letters_twice() -> None:
    assert len({(clitic.slot, clitic.letters) for clitic in CLITICS}) == len(CLITICS)


@pytest.mark.parametrize(
    ("base", "particles"),
    [("و", ("و",)), ("ال", ("ال",)), ("وبال", ("و", "ب", "ال")), ("لل", ("ل", "ال")), ("ل", ("ل",)), ("", ())],
)
def test_particles_before_a_number_are_read(base: str, particles: tuple[str, ...]) -> None:
    assert particles_in(base) == particles
