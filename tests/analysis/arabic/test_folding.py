"""Folding: which spellings become equal, and which stay different."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis.arabic import folding

SAME = {
    "hamza on alef": ["أرز", "ارز"],
    "hamza under alef": ["إدارة", "ادارة"],
    "teh marbuta": ["مدرسة", "مدرسه"],
    "alef maksura": ["مصطفى", "مصطفي"],
    "harakat": ["مُحَمَّدٌ", "محمد"],
    "tatweel": ["محمـــد", "محمد"],
    "madda": ["آسفي", "اسفي", "أسفي"],
    "madda and hamza with alef": ["القرآن", "القرءان", "القران"],
    "decomposed madda": ["ا\u0653سفي", "آسفي"],
    "decomposed hamza": ["ا\u0654حمد", "أحمد", "احمد"],
    "decomposed hamza below": ["ا\u0655دارة", "إدارة"],
    "decomposed hamza after a haraka": ["ا\u064e\u0654حمد", "أحمد"],
    "decomposed hamza on waw": ["مو\u0654من", "مؤمن"],
    "decomposed hamza on yeh": ["ري\u0654يس", "رى\u0654يس", "رئيس"],
    "wasla": ["ٱلكتاب", "الكتاب"],
    "dagger alef": ["الرحمٰن", "الرحمن"],
    "Quranic marks": ["ٱلْحَمْدُۖ", "الحمد"],
    "presentation forms": ["ﻣﺤﻤﺪ", "محمد"],
    "lam-alef": ["ﺳﻼﻡ", "سلام"],
    "the word of God": ["ﷲ", "الله"],
    "marks as presentation forms": ["مﹰﹽ", "م"],
    "direction marks": ["\u202bمح\u200fمد\u202c", "محمد"],
    "Farsi yeh": ["علی", "علي"],
    "keheh": ["کتاب", "كتاب"],
    "heh goal": ["ہند", "هند"],
    "Persian presentation forms": ["ﮐﺘﺎب", "كتاب"],
    "gaf is a kaf": ["گلستان", "كلستان"],
    "the Tunisian gaf is a qaf": ["ڨفصة", "قفصة"],
    "peh, tcheh, veh": ["پوتين چاد ڤيينا", "بوتين جاد فيينا"],
    "non-joiner": ["می‌خواهد", "ميخواهد"],
    "digits": ["٢٠١٠", "۲۰۱۰", "2010"],
    "decimals": ["٢٫٥", "2.5"],
    "Latin case": ["CNN", "cnn"],
    "accents": ["Élysée", "elysee", "E\u0301lyse\u0301e"],
    "letters that do not decompose": ["Erdoğan Łódź", "erdogan lodz"],
    "full width": ["ＣＮＮ", "cnn"],
    "ligatures": ["ﬁlm", "film"],
    "apostrophes": ["O’Neil", "O'Neil", "oneil"],
}


@pytest.mark.parametrize("forms", SAME.values(), ids=SAME.keys())
def test_one_after_folding(forms: list[str]) -> None:
    assert len({folding.fold(form) for form in forms}) == 1, [folding.fold(form) for form in forms]


DIFFERENT = {
    "alef maksura is no alef": ("هدى", "هدا"),
    "waw with hamza": ("رؤية", "روية"),
    "yeh with hamza": ("فئة", "فية"),
    "final hamza": ("شيء", "شي"),
    "hamza and alef at the end are a tanwin": ("جزءا", "جزا"),
    "hamza after alef": ("قراءات", "قراات"),
    "teh": ("بنت", "بنة"),
    "Cyrillic short i": ("\u0439", "\u0438"),
}


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_two_after_folding(one: str, other: str) -> None:
    assert folding.fold(one) != folding.fold(other)


@pytest.mark.parametrize(
    ("spelled", "written"),
    [
        ("أَحْمَدُ", "أحمد"),
        ("مدرســـة", "مدرسة"),
        ("مستشفى", "مستشفى"),
        ("ا\u0654حمد", "أحمد"),
        ("ﻷن", "لأن"),
        ("علی", "علي"),
        ("گلستان", "گلستان"),
        ("٢٠١٠", "2010"),
        ("١٬٥٠٠٫٧٥", "1,500.75"),
        ("Élysée", "élysée"),
        ("don’t", "don't"),
    ],
)
def test_the_written_form_keeps_its_letters(spelled: str, written: str) -> None:
    """The written form is what `=كلمة` searches for: the letters as written, without harakat."""
    assert folding.written(spelled) == written


@pytest.mark.parametrize(
    ("before", "after", "rules"),
    [
        ("أَحمد", "احمد", "harakat, alef-hamza"),
        ("ا\u0654حمد", "أحمد", "compose"),
        ("ﻣﺤﻤﺪ", "محمد", "presentation forms"),
        ("CNN", "cnn", "lower case"),
        ("٢٠", "20", "digits"),
        ("كتاب", "كتاب", ""),
    ],
)
def test_the_letter_rules_between_two_forms_are_named(before: str, after: str, rules: str) -> None:
    assert folding.rules_between(before, after) == rules


ARABIC = st.text(
    st.sampled_from("ءآأؤإئابةتوىيهلٱپگی\u0640\u064b\u064e\u0653\u0654\u0655\u0670ﻻﷲ\u200f\u200c"), max_size=12
)


@given(ARABIC | st.text(max_size=12) | st.text(st.characters(), max_size=6))
def test_folding_is_idempotent(text: str) -> None:
    folded = folding.fold(text)
    assert folding.fold(folded) == folded


@given(ARABIC)
def test_the_fold_goes_through_the_written_form(text: str) -> None:
    assert folding.fold(folding.written(text)) == folding.fold(text)
