"""Which clitics are cut from a word, and which letters are not clitics."""

from __future__ import annotations

import pytest

from index.analysis.arabic.analyzer import ArabicAnalyzer
from index.analysis.tokens import Word
from index.schema import TokenField


def stems(word: Word) -> list[str]:
    return [term.text for term in word.terms if term.field is TokenField.CLITIC]


WHOLE = (
    "وزير والي وزارة ولاية وكيل ورد وصل وقف وضع وطن وفد وسط وليد واشنطن وفاة "
    "بيان بنك بوتين بيروت باريس بلد بحر بعثة بطولة برلمان "
    "فهم فيلم فريق فنان فساد فرنسا فرصة فوز فيصل "
    "كتاب كرة كبير كامل كمال كلية كويت "
    "لبنان لجنة لاعب لقاء لحظة لندن ليبيا "
    "سلام سيارة سيد سنة سوق ستة سياسة سينما سالم "
    "الله ألمانيا ألف إلغاء التزام ألواح "
    "كرة حياة وجه مياه اتجاه شبه فقه تحرك مشترك شريك مهم متهم درهم "
    "سوريا روسيا أوكرانيا بريطانيا تركيا أفريقيا كوريا "
    "ماكرون ترامب داعش لبناني قانوني إيراني"
)


@pytest.mark.parametrize("spelled", WHOLE.split())
def test_words_that_keep_all_their_letters(analyzer: ArabicAnalyzer, spelled: str) -> None:
    """فهم is not ف and هم; لبنان is not the root of milk; ماكرون and بوتين are names."""
    word = analyzer.word(spelled)
    assert stems(word) == [word.surface]
    assert word.clitics == ()


CUTS = {
    # the article
    "الوزير": ("وزير", "ال+"),
    "الكتاب": ("كتاب", "ال+"),
    "المجاورة": ("مجاوره", "ال+"),
    "الأخبار": ("اخبار", "ال+"),
    "الصبر": ("صبر", "ال+"),
    "الكرملين": ("كرملين", "ال+"),
    "اللجنة": ("لجنه", "ال+"),
    "الآلاف": ("الاف", "ال+"),
    # particles before the article
    "والكتاب": ("كتاب", "و+ ال+"),
    "بالكتاب": ("كتاب", "ب+ ال+"),
    "كالكتب": ("كتب", "ك+ ال+"),
    "فالواقع": ("واقع", "ف+ ال+"),
    "وبالاتصالات": ("اتصالات", "و+ ب+ ال+"),
    # two lams
    "للكتاب": ("كتاب", "ل+ ال+"),
    "وللحكومة": ("حكومه", "و+ ل+ ال+"),
    "للجنة": ("لجنه", "ل+ ال+"),
    "لليمن": ("اليمن", "ل+"),
    "للالتزام": ("التزام", "ل+ ال+"),
    "للبنان": ("لبنان", "ل+"),
    # particles of one letter
    "بدمج": ("دمج", "ب+"),
    "بشكل": ("شكل", "ب+"),
    "ببيان": ("بيان", "ب+"),
    "لبيروت": ("بيروت", "ل+"),
    "لترامب": ("ترامب", "ل+"),
    "وقال": ("قال", "و+"),
    "وأضاف": ("اضاف", "و+"),
    "ووزير": ("وزير", "و+"),
    "والله": ("الله", "و+"),
    "سيتم": ("يتم", "س+"),
    "وسيتم": ("يتم", "و+ س+"),
    "بألف": ("الف", "ب+"),
    # pronouns
    "كتابهم": ("كتاب", "+هم"),
    "وزيرها": ("وزير", "+ها"),
    "زوجها": ("زوج", "+ها"),
    "بلادنا": ("بلاد", "+نا"),
    "يمكنني": ("يمكن", "+ني"),
    "أبنائهن": ("ابناء", "+هن"),
    "استخدمهما": ("استخدم", "+هما"),
    "بيانه": ("بيان", "+ه"),
    # letters that a pronoun changes
    "جامعتهم": ("جامعه", "+هم"),
    "مستواه": ("مستوي", "+ه"),
    "أصدقاؤه": ("اصدقاء", "+ه"),
    "أبنائه": ("ابناء", "+ه"),
    "يكتبوها": ("يكتبوا", "+ها"),
    "مدينتي": ("مدينه", "+ي"),
    # both sides
    "بعاصمتها": ("عاصمه", "ب+ +ها"),
    "واستقبلهم": ("استقبل", "و+ +هم"),
    "وبيانها": ("بيان", "و+ +ها"),
    "لارتباطها": ("ارتباط", "ل+ +ها"),
    # tanwin: an ending, not a clitic
    "رحيما": ("رحيم", ""),
    "أسبابا": ("اسباب", ""),
    "رحيمًا": ("رحيم", ""),
    "سوريًا": ("سوري", ""),
    "جزءًا": ("جزء", ""),
    "مؤلماً": ("مؤلم", ""),
}


@pytest.mark.parametrize(("spelled", "expected"), CUTS.items(), ids=CUTS.keys())
def test_what_is_cut(analyzer: ArabicAnalyzer, spelled: str, expected: tuple[str, str]) -> None:
    word = analyzer.word(spelled)
    assert (stems(word)[0], " ".join(word.clitics)) == expected
    weights = [term.weight for term in word.terms if term.field is TokenField.CLITIC]
    assert weights[0] >= 0.5


FAMILIES = {
    "the minister": "وزير الوزير والوزير للوزير بوزير ووزير",
    "a book and its particles": "كتاب والكتاب للكتاب بالكتاب وكتاب وكتابه كتابهم كتابك",
    "merging": "دمج بدمج الدمج لدمج",
    "neighbours": "مجاورة المجاورة",
    "news": "أخبار الأخبار وأخبار",
    "aims": "أغراض وأغراضها",
    "patience": "صبر الصبر",
    "the merciful": "رحيم رحيما رحيمًا",
    "Yemen": "اليمن لليمن باليمن واليمن",
    "a university": "جامعة الجامعة جامعتهم وجامعتها",
    "an article that is part of the word": "التزام الالتزام والتزام بالتزام للالتزام",
}


@pytest.mark.parametrize("forms", FAMILIES.values(), ids=FAMILIES.keys())
def test_forms_that_meet_in_one_stem(analyzer: ArabicAnalyzer, forms: str) -> None:
    first, *others = [set(stems(analyzer.word(form))) for form in forms.split()]
    assert all(first & other for other in others), [stems(analyzer.word(form)) for form in forms.split()]


@pytest.mark.parametrize(
    ("one", "other"),
    [("لبنان", "لبن"), ("فهم", "هم"), ("وزير", "زير"), ("ألف", "لف"), ("سوريا", "سوري"), ("ألمانيا", "مانيا")],
)
def test_words_that_never_meet(analyzer: ArabicAnalyzer, one: str, other: str) -> None:
    assert not set(stems(analyzer.word(one))) & set(stems(analyzer.word(other)))


def test_teh_marbuta_is_no_pronoun_and_heh_may_be_one(analyzer: ArabicAnalyzer) -> None:
    assert stems(analyzer.word("كتابة")) == ["كتابه"]
    assert set(stems(analyzer.word("كتابه"))) == {"كتابه", "كتاب"}


def test_wa_needs_three_letters_left(analyzer: ArabicAnalyzer) -> None:
    assert analyzer.word("وثق").clitics == ()


def test_waw_is_cut_from_a_word_that_nobody_knows(analyzer: ArabicAnalyzer) -> None:
    assert "تفرندسوا" in stems(analyzer.word("وتفرندسوا"))


def test_weights_add_up_to_one(analyzer: ArabicAnalyzer) -> None:
    for spelled in (*WHOLE.split(), *CUTS, "كتابه", "سنه", "واقعه"):
        terms = [term for term in analyzer.word(spelled).terms if term.field is TokenField.CLITIC]
        assert 1 <= len(terms) <= 3
        assert sum(term.weight for term in terms) == pytest.approx(1)


@pytest.mark.parametrize(
    "word", ["ب" * 20 + "كلمة", "لب" * 12, "وبلكسوبلكسوبلكسوبلكس", "ب" * 255, "ناكمهمناكمهمناكمهمناكمهم"]
)
def test_a_run_of_particles_is_read_at_once(analyzer: ArabicAnalyzer, word: str) -> None:
    # a word of particles once took exponential time: with twenty letters most of a minute
    assert analyzer.analyze(word).words[0].terms
