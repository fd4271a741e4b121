"""The direction of a line on an Arabic page."""

from __future__ import annotations

import pytest

from web.bidi import direction

RIGHT_TO_LEFT = [
    "Apple تطلق iPhone 15 Pro Max",
    "خبر عن Samsung Galaxy S24 Ultra و Apple Vision Pro في السوق",
    "CNN: كتاب جديد",
    "iPhone 15 Pro Max, Galaxy S24 Ultra: مقارنة",
    "BBC عربي",
    "«Breaking Bad» و«Game of Thrones»",
    "2015: عام FIFA",
    "https://example.com/a/b/c خبر",
    "@SaudiNews50: عاجل",
    "ﻣﺤﻤﺪ Smith",
    "Wi-Fi ٦ في Doha",
    "کتاب PDF",
]
LEFT_TO_RIGHT = [
    "Apple iPhone 15 Pro Max",
    "CNN Arabic",
    "2015 FIFA World Cup",
    "l'Économie",
    "Ολυμπιακός",
    "Спартак",
    "(Reuters)",
    "https://example.com",
    "«Le Monde»",
    "١٥ iPhone",
    "Wi-Fi،",
]


@pytest.mark.parametrize("line", RIGHT_TO_LEFT)
def test_a_line_with_an_arabic_letter_is_right_to_left(line: str) -> None:
    assert direction(line) == "rtl"


@pytest.mark.parametrize("line", LEFT_TO_RIGHT)
def test_a_line_of_other_letters_is_left_to_right(line: str) -> None:
    assert direction(line) == "ltr"


@pytest.mark.parametrize("line", ["", "2015", "!!", "١٢٣", "—"])
def test_a_line_without_letters_has_the_direction_of_the_page(line: str) -> None:
    assert direction(line) == "rtl"
