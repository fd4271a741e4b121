"""Plain spelling: what it folds, and that every offset maps to the original."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.sources.normalization import PlainText, plain, plain_words

FIRST_PLANE = st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"])
LETTERS = st.one_of(
    st.sampled_from("اأإآٱىيیكکةهـًٌَّٰ\u200b\u200f\ufeff\xa0 \n_ABcdé٣۳،«»"),
    st.sampled_from("\ufe8d\ufefb\ufdf2\ufdfa\ufc5e\ufd3e\ufb50"),
    st.characters(),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("كِتَابٌ", "كتاب"),
        ("كـــتاب", "كتاب"),
        ("أإآٱ", "اااا"),
        ("على مدرسة", "علي مدرسه"),
        ("کی", "كي"),
        ("\u200fنص\ufeff", "نص"),
        ("\ufe8d\ufefb", "الا"),
        ("\ufdf2", "الله"),
        ("\ufc5e", ""),
        ("\ufd3e", "\ufd3e"),
        ("CNN İstanbul", "cnn İstanbul"),
        ("نص\xa0آخر", "نص اخر"),
        ("٣۳3", "٣۳3"),
        ("😀 خبر", "😀 خبر"),
        ("\ud800", "\ud800"),
    ],
)
def test_spelling_variants_are_folded(text: str, expected: str) -> None:
    assert plain(text) == expected


@given(st.text(LETTERS), st.text(LETTERS))
def test_plain_spelling_folds_each_letter_separately(first: str, second: str) -> None:
    assert plain(first + second) == plain(first) + plain(second)
    assert plain(plain(first)) == plain(first)


@given(st.text(st.one_of(LETTERS.filter(lambda letter: letter <= "\uffff"), FIRST_PLANE)))
def test_words_are_those_of_the_plain_spelling(text: str) -> None:
    assert plain_words(text) == re.findall(r"\w+", plain(text))


def test_an_emoji_separates_words() -> None:
    assert plain_words("عاجل😀رويترز") == ["عاجل", "رويترز"]


@given(st.text(st.sampled_from("اأبت ـًَُ\u200f\ufe8d\n"), max_size=40), st.data())
def test_every_range_maps_to_its_original(text: str, data: st.DataObject) -> None:
    spelled = PlainText.of(text)
    start = data.draw(st.integers(0, len(spelled.plain)))
    end = data.draw(st.integers(start, len(spelled.plain)))
    assert plain(text[spelled.original_offset(start) : spelled.original_offset(end)]) == spelled.plain[start:end]
    assert plain(spelled.slices([(start, end)])[0]).strip() == spelled.plain[start:end].strip()
