"""Quranic spelling: words with small letters are the words of modern spelling, and nothing else changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis.arabic import folding, quranic
from index.analysis.arabic.analyzer import ArabicAnalyzer
from index.schema import TokenField
from tests.analysis.explaining import readings_of

MODERN = {
    "خَٰلِدُونَ": "خالدون",
    "ٱلسَّمَـٰوَٰتِ": "السماوات",
    "ٱلشَّيۡطَٰنِ": "الشيطان",
    "ٱلشَّيَٰطِينِ": "الشياطين",
    "ٱلصَّلَوٰةَ": "الصلاة",
    "الزكوٰة": "الزكاة",
    "الحيوٰة": "الحياة",
    "ٱلۡحَيَوٰةِ": "الحياة",
    "موسىٰ": "موسى",
    "عِيسَىٰ": "عيسى",
    "موسیٰ": "موسى",
    "علیٰ": "على",
    "هٰذا": "هذا",
    "هَـٰذَا": "هذا",
    "هَٰٓؤُلَآءِ": "هؤلاء",
    "الرحمٰن": "الرحمن",
    "ٱلرَّحۡمَٰنِ": "الرحمن",
    "لِلرَّحۡمَٰنِ": "للرحمن",
    "لٰكن": "لكن",
    "وَلَٰكِنَّهُمۡ": "ولكنهم",
    "إلٰه": "إله",
    "إِلَٰهُكُمۡ": "إلهكم",
    "ذَٰلِكَ": "ذلك",
    "كَذَٰلِكَ": "كذلك",
    "أُو۟لَـٰٓئِكَ": "أولئك",
    "اللّٰه": "الله",
    "بِٱللَّٰهِ": "بالله",
    "عبدالرحمٰن": "عبدالرحمن",
    "ٱلۡكِتَٰبِ": "الكتاب",
    "ٱلۡعَٰلَمِينَ": "العالمين",
    "مَٰلِكِ": "مالك",
    "ٱلصَّٰلِحَٰتِ": "الصالحات",
    "ٱلصِّرَٰطَ": "الصراط",
    "رَزَقۡنَٰهُمۡ": "رزقناهم",
    "ٱلتَّوۡرَىٰةَ": "التوراة",
    "هَدَىٰنِي": "هداني",
    "مَأۡوَىٰهُمۡ": "مأواهم",
    "مَوۡلَىٰنَا": "مولانا",
    "ٱلرِّبَوٰا۟": "الربا",
    "كَمِشۡكَوٰة": "كمشكاة",
    "ٱلنَّجَوٰةِ": "النجاة",
    "السموٰت": "السموات",
    "صَلَوَٰتٌ": "صلوات",
    "إِبۡرَٰهِـۧمَ": "إبراهيم",
    "إِبۡرَٰهِيمَ": "إبراهيم",
    "إِسۡمَٰعِيلَ": "إسماعيل",
    "وَإِسۡحَٰقَ": "وإسحاق",
    "هَٰرُونَ": "هارون",
    "سُلَيۡمَٰنُ": "سليمان",
    "لُقۡمَٰنُ": "لقمان",
    "عِمۡرَٰنَ": "عمران",
    "إِسۡرَٰٓءِيلَ": "إسرائيل",
    "دَاوُۥدَ": "داود",
    "وَٱلۡغَاوُۥنَ": "والغاوون",
    "ٱلنَّبِيِّـۧنَ": "النبيين",
    "يَسۡـَٔلُونَكَ": "يسألونك",
    "ٱلۡأَفۡـِٔدَةِ": "الأفئدة",
    "شَيۡـٔٗا": "شيئا",
    "سَيِّـَٔاتِ": "سيئات",
    "ٱلۡـَٰٔنَ": "الآن",
    "بِـَٔايَٰتِنَا": "بآياتنا",
    "مَـَٔابٗا": "مآبا",
    "خَٰسِـِٔينَ": "خاسئين",
    "ٱلَّيۡلِ": "الليل",
    "ٱلَّذِينَ": "الذين",
    "ٱلَّتِي": "التي",
    "أُنزِلَ": "أنزل",
    "لَأَا۟ذۡبَحَنَّهُۥٓ": "لأذبحنه",
    "مُسۡتَهۡزِءُونَ": "مستهزئون",
    "ءَامَنُواْ": "آمنوا",
    "ءَايَةٞ": "آية",
    "ءَاتَىٰنِۦَ": "آتاني",
    "ٱلۡمَلَٰٓئِكَةِ": "الملائكة",
    "جَآءَ": "جاء",
    "يَشَآءُ": "يشاء",
    "شُهَدَآءَكُم": "شهداءكم",
    "ٱلسَّمَآءِ": "السماء",
    "لَهُۥ": "له",
    "بِهِۦ": "به",
    "يُحۡيِۦ": "يحي",
    "أَصۡحَٰبُ": "أصحاب",
    "ثَلَٰثَةُ": "ثلاثة",
    "سُبۡحَٰنَ": "سبحان",
    "ٱلۡقُرۡءَانِ": "القرآن",
    "قُرْاٰن": "قرآن",
    "اٰمنوا": "آمنوا",
    "طٰهٰ": "طه",
    "يسٓ": "يس",
    "يَٰقَوۡمِ": "ياقوم",
    "كَافِرُونَ": "كافرون",
    "ٱلۡكَٰفِرِينَ": "الكافرين",
    "أَعۡنَٰبٖ": "أعناب",
    "ٱلۡأَنۡهَٰرُ": "الأنهار",
    "أَبۡصَٰرِهِمۡ": "أبصارهم",
    "غِشَٰوَةٞ": "غشاوة",
    "طُغۡيَٰنِهِمۡ": "طغيانهم",
    "تِّجَٰرَتُهُمۡ": "تجارتهم",
    "ظُلُمَٰتٖ": "ظلمات",
    "ٱلصَّوَٰعِقِ": "الصواعق",
    "أَزۡوَٰجٞ": "أزواج",
    "أَمۡوَٰتٗا": "أمواتا",
    "خَلَٰٓئِفَ": "خلائف",
    "ٱلۡأٓخِرَةِ": "الآخرة",
    "ٱلۡفُقَرَآءُ": "الفقراء",
    "أَثَٰمٗا": "أثاما",
    "عَلَىٰٓ": "على",
    "لَّا": "لا",
    "أَتَىٰٓ": "أتى",
    "وَقُلۡنَا": "وقلنا",
    "ٱلۡمُؤۡمِنَٰتِ": "المؤمنات",
    "مُّؤۡمِنَةٗ": "مؤمنة",
    "فَٰسِقٗا": "فاسقا",
    "سِيمَاهُمۡ": "سيماهم",
    "بِسِيمَٰهُمۡ": "بسيماهم",
    "مَسَٰجِدَ": "مساجد",
    "وَرَسُولِهِۦ": "ورسوله",
    "خَطَٰيَٰكُمۡ": "خطاياكم",
    "أَيَّامٗا": "أياما",
    "قُلۡ": "قل",
    "ءَأَنذَرۡتَهُمۡ": "أأنذرتهم",
    "ءَأَنتُمۡ": "أأنتم",
    "ءَأَسۡلَمۡتُمۡ": "أأسلمتم",
    "ءَأَسۡجُدُ": "أأسجد",
    "ءَأَلِدُ": "أألد",
    "تَظَٰهَرُونَ": "تظاهرون",
    "مِّيثَٰقَ": "ميثاق",
    "ٱلۡيَتَٰمَىٰ": "اليتامى",
    "وَٱلۡمَسَٰكِينِ": "والمساكين",
    "نَصَٰرَىٰ": "نصارى",
    "ٱلنَّصَٰرَىٰ": "النصارى",
    "سُكَٰرَىٰ": "سكارى",
    "كُسَالَىٰ": "كسالى",
    "يَٰٓأَيُّهَا": "ياأيها",
    "يَٰبَنِيٓ": "يابني",
    "يٰسٓ": "يس",
    "ٱلۡمُتَّقِينَ": "المتقين",
}
"""Words of the Quran, and of print that follows it, with their modern spelling."""
OTHER_WORDS = {
    "خَٰلِدُونَ": "خلدون",
    "ٱلۡكِتَٰبِ": "الكتب",
    "ٱلۡعَٰلَمِينَ": "العلمين",
    "مَٰلِكِ": "ملك",
    "قَٰتَلَ": "قتل",
    "عَٰلِمُ": "علم",
    "صَلَوَٰتٌ": "صلاة",
    "الرحمٰن": "الرحمان",
    "إلٰه": "إلاه",
    "هٰذا": "هاذا",
    "رجال": "رجل",
}
"""Words of other letters that a small letter distinguishes."""
UNCHANGED = (
    "مُحَمَّدٌ",
    "كِتَابٌ",
    "اللَّيْلُ",
    "مـحـمـد",
    "أَنْذَرْتَهُمْ",
    "قَرَأَ",
    "مَسْؤُولٌ",
    "شَيْءٌ",
    "جُزْءَيْنِ",
    "رَبَّنَآ",
    "لَهُۥ",
    "قَالُوا۟",
    "عَلَيۡهِمۡۖ",
    "رَيۡبَۛ",
    "يَقُولُۚ",
    "عِوَجَاۜ",
    "أَنَا۠",
    "مِنۢ",
)
"""Words whose marks stand for no letter."""
DOUBLE_HAMZA = {
    "ءَأَنذَرۡتَهُمۡ": "أنذرتهم",
    "أأنذرتهم": "أنذرتهم",
    "أأسلمتم": "أسلمتم",
    "ءأسجد": "أسجد",
    "أأعلن": "أعلن",
    "أإسلام": "إسلام",
    "ءامنوا": "آمنوا",
    "ءامن": "آمن",
    "ءادم": "آدم",
    "ءاخر": "آخر",
    "القرءان": "القرآن",
}
ONE_HAMZA = {"أئمة": "إمة", "أؤكد": "أكد", "قرأ": "قر", "مبدأ": "مبد", "ألف": "لف", "آل": "ل"}
"""Words in which a hamza is a letter of its own."""


@pytest.mark.parametrize(("spelled", "modern"), MODERN.items(), ids=MODERN.keys())
def test_a_word_of_the_quran_is_the_word_of_modern_spelling(
    analyzer: ArabicAnalyzer, spelled: str, modern: str
) -> None:
    (word, *_), (expected, *_) = analyzer.analyze(spelled).words, analyzer.analyze(modern).words
    assert (word.surface, word.clitics, word.stop) == (expected.surface, expected.clitics, expected.stop)
    assert set(word.terms[1:]) == set(expected.terms[1:])


@pytest.mark.parametrize(("spelled", "other"), OTHER_WORDS.items(), ids=OTHER_WORDS.keys())
def test_a_small_letter_distinguishes_words(analyzer: ArabicAnalyzer, spelled: str, other: str) -> None:
    assert analyzer.word(spelled).surface != analyzer.word(other).surface


@pytest.mark.parametrize("spelled", UNCHANGED)
def test_other_marks_change_no_letter(analyzer: ArabicAnalyzer, spelled: str) -> None:
    (word,) = analyzer.analyze(spelled).words
    assert word.written == folding.written(spelled)


@pytest.mark.parametrize(("spelled", "expected"), DOUBLE_HAMZA.items(), ids=DOUBLE_HAMZA.keys())
def test_a_hamza_before_another_is_folded(analyzer: ArabicAnalyzer, spelled: str, expected: str) -> None:
    word, other = analyzer.word(spelled), analyzer.word(expected)
    assert word.surface == other.surface
    assert word.terms[1:] == other.terms[1:]


@pytest.mark.parametrize(("spelled", "other"), ONE_HAMZA.items(), ids=ONE_HAMZA.keys())
def test_a_single_hamza_stays(analyzer: ArabicAnalyzer, spelled: str, other: str) -> None:
    assert analyzer.word(spelled).surface != analyzer.word(other).surface


@pytest.mark.parametrize("spelled", ["رحمت", "رَحۡمَتَ", "نِعۡمَتَ", "بِنِعۡمَتِ", "ٱمۡرَأَتُ", "شَجَرَتَ", "مَعۡصِيَتِ"])
def test_a_noun_with_teh_for_teh_marbuta_has_its_lemma(analyzer: ArabicAnalyzer, spelled: str) -> None:
    assert readings_of(analyzer, spelled)[0].lemma.endswith("ة")


def test_the_written_form_has_the_small_alef_as_a_letter(analyzer: ArabicAnalyzer) -> None:
    terms = {term.field: term.text for term in analyzer.word("خَٰلِدُونَ").terms}
    assert terms[TokenField.WRITTEN] == "خالدون"


@given(st.text(alphabet="ابوىيلهةءأؤئنـَُِّْٰٕٔٓۡۥۦۧ۟", min_size=1, max_size=255))
def test_spellings_are_few_and_have_no_marks(spelled: str) -> None:
    spellings = quranic.modern_spellings(spelled)
    assert 1 <= len(spellings) <= 25
    assert all(folding.written(spelling) == spelling for spelling in spellings)
