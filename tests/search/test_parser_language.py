"""The query language beyond words: operators, parentheses and signs, valid and invalid."""

from __future__ import annotations

import pytest

from index.schema import Level, TokenField
from search.language.fields import field_names
from search.language.limits import (
    MAX_FILTERS,
    MAX_NESTING,
    MAX_NOTES,
    MAX_PREFIXES,
    MAX_SLOP,
)
from search.levels import counted
from search.query import And, AtLeast, Near, Or, Prefix, Term
from search.results import NoteKind
from tests.search.trees import formatted, parse

OPERATORS = [
    # OR joins its two operands
    ("مصر أو السودان", "(مصر | السودان)>=1"),
    ("مصر او السودان", "(مصر | السودان)>=1"),
    ("مصر OR السودان", "(مصر | السودان)>=1"),
    ("مصر أو السودان أو ليبيا", "(مصر | السودان | ليبيا)>=1"),
    ("وزير الخارجية أو الدفاع", "(وزير & (الخارجية | الدفاع)>=1)"),
    ("في مصر أو في السودان", "(مصر | السودان)>=1"),
    ("مصر أو مصر", "مصر"),
    ("مصر OR OR السودان", "(مصر | السودان)>=1"),
    ('"مجلس الأمن" أو العنوان:فيتو -مصدر:رويترز', '(("مجلس@0 الأمن@1" | فيتو.title)>=1 & !source=رويترز)'),
    ("المصدر:okaz أو المصدر:الجزيرة", "source=okaz,aj"),
    ("المصدر:okaz أو مصر", "(source=okaz | مصر)>=1"),
    # without two operands it is a word
    ("مصر أو", "مصر"),
    ("أو مصر", "مصر"),
    ("مصر OR", "(مصر & OR)"),
    ("OR مصر", "(OR & مصر)"),
    ("مصر or السودان", "(مصر & or & السودان)"),
    ("الحرب وأو السلام", "(الحرب & السلام)"),
    ('مصر "أو" السودان', "((مصر & السودان) & أو)"),
    ('"مصر أو السودان"', '"مصر@0 أو@1 السودان@2"'),
    # AND
    ("مصر AND السودان", "(مصر & السودان)"),
    ("مصر and السودان", "(مصر & السودان)"),
    ('"مجلس الأمن" و روسيا', '("مجلس@0 الأمن@1" & روسيا)'),
    ('"مجلس الأمن" AND روسيا', '("مجلس@0 الأمن@1" & روسيا)'),
    ("مصر و السودان", "(مصر & السودان)"),
    ('الجيش يحجز السجائر و"المعسل"', "((الجيش & يحجز & السجائر) & المعسل)"),
    ("مهرجان و(الفيفا) يغرق", "(مهرجان & الفيفا & يغرق)"),
    ("النتيجة 3-3 (2-2)", "(النتيجة & 3 & 2)"),
    ("مصر أو (السودان و ليبيا)", "(مصر | (السودان & ليبيا))>=1"),
    ("وزير AND خارجية أو دفاع", "(وزير & (خارجية | دفاع)>=1)"),
    # NOT
    ("مصر NOT السودان", "(مصر & !السودان)"),
    ("مصر NOT في السودان", "(مصر & !السودان)"),
    ("مصر AND NOT السودان", "(مصر & !السودان)"),
    ("مصر OR NOT السودان", "(مصر | !السودان)>=1"),
    ("NOT NOT مصر", "!مصر"),
    ("NOT -مصر", "!مصر"),
    ('مصر ليس "البحر الأحمر"', '(مصر & !"البحر@0 الأحمر@1")'),
    ("مصر ليس المصدر:okaz", "(مصر & !source=okaz)"),
    ("مصر ليس (السودان أو ليبيا)", "(مصر & !(السودان | ليبيا)>=1)"),
    ('مصر و ليس "البحر الأحمر"', '(مصر & !"البحر@0 الأحمر@1")'),
    ("الحل ليس عسكريا", "(الحل & عسكريا)"),
    ("ليس آخر المطاف", "(آخر & المطاف)"),
    ("مصر NOT", "(مصر & NOT)"),
    # parentheses
    ("(مصر)", "مصر"),
    ("(مصر السودان) ليبيا", "(مصر & السودان & ليبيا)"),
    ("(وزير الخارجية) أو (رئيس الوزراء)", "((وزير & الخارجية) | (رئيس & الوزراء))>=1"),
    ("(مصر أو السودان) النيل", "((مصر | السودان)>=1 & النيل)"),
    ("((مصر أو السودان) أو ليبيا)", "(مصر | السودان | ليبيا)>=1"),
    ("النيل -(مصر أو السودان)", "(النيل & !(مصر | السودان)>=1)"),
    ("النيل -(مصر السودان)", "(النيل & !(مصر & السودان))"),
    ("النيل NOT (مصر السودان)", "(النيل & !(مصر & السودان))"),
    ("+(مصر أو السودان) النيل", "(النيل & (مصر | السودان)>=1)"),
    ("كلمة(أخرى)", "(كلمة & أخرى)"),
    ("العنوان:(وزير الخارجية)", "(وزير.title & الخارجية.title)"),
    ("العنوان:(مصر أو السودان) نيل", "(نيل & (مصر.title | السودان.title)>=1)"),
    ("المصدر:(الجزيرة أو okaz)", "source=aj,okaz"),
    ("المصدر:(الجزيرة okaz) مصر", "(مصر & source=aj,okaz)"),
    ('المصدر:(الجزيرة و "سكاي نيوز عربية")', "source=aj,sky"),
    ("-المصدر:(الجزيرة okaz) مصر", "(مصر & !source=aj,okaz)"),
    ("التاريخ:(12 شباط 2024 أو 2025)", "(2024-02-12..2024-02-12 | 2025-01-01..2025-12-31)>=1"),
    ("المصدر:(في)", "source=في"),
    ("مصر أو (في)", "مصر"),
    ("((سلام", "سلام"),
    ("سلام))", "سلام"),
    ("العنوان:(سلام", "سلام.title"),
    ("()", "none"),
]


@pytest.mark.parametrize(("text", "tree"), OPERATORS)
def test_operators_and_parentheses(text: str, tree: str) -> None:
    assert formatted(parse(text).query) == tree


SIGNS = [
    # + requires
    ("+مصر", "مصر"),
    ('+"مجلس الأمن" +مصر', '("مجلس@0 الأمن@1" & مصر)'),
    ("C++ لغة", "(C & لغة)"),
    # = the letters as written
    ("=إدارة", "إدارة="),
    ('="إدارة عامة"', '"إدارة=@0 عامة=@1"'),
    ("عامة -=إدارة", "(عامة & !إدارة=)"),
    ("العنوان:=إدارة", "إدارة=.title"),
    ("=العنوان:إدارة", "إدارة=.title"),
    ("=", "none"),
    # * the beginning of a word
    ("كت*", "كت*"),
    ("كِتَـ*", "كت*"),
    ("مدرسة*", "مدرسه*"),
    ("من*", "من*"),
    ("المت*", "المت*"),
    ("العنوان:كت*", "كت*.title"),
    ("قلم -كت*", "(قلم & !كت*)"),
    ("كت* أو قلم", "(كت* | قلم)>=1"),
    ("كت*، قلم", "(كت* & قلم)"),
    ('"كت*"', "كت"),
    ("الم*", "الم"),
    ("*كتب", "كتب"),
    ("* كتب", "كتب"),
    # N× a minimum number of occurrences
    ("3×كلمة", "3×كلمة"),
    ("٣×كلمة", "3×كلمة"),
    ("3xكلمة", "3×كلمة"),
    ('2×"كلمة"', "2×كلمة"),
    ("العنوان:2×كلمة", "2×كلمة.title"),
    ("2×جذر:كتب", "2×كتب[كتب]"),
    ("قلم -2×كلمة", "(قلم & !2×كلمة)"),
    ("4x4", "4x4"),
    ("3×4", "(3 & 4)"),
    ("0×كلمة", "كلمة"),
    ("1000×كلمة", "كلمة"),
    ('3×"مجلس الأمن"', '"مجلس@0 الأمن@1"'),
    # ~N near each other
    ('"مجلس الأمن"~5', '"مجلس الأمن"~5'),
    ('"مجلس الأمن"~٥', '"مجلس الأمن"~5'),
    ("«مجلس الأمن»~5", '"مجلس الأمن"~5'),
    ('"مجلس الأمن" قرب:5', '"مجلس الأمن"~5'),
    ('"مجلس الأمن" near:5 روسيا', '(روسيا & "مجلس الأمن"~5)'),
    ('"الحرب في أوكرانيا"~2', '"الحرب في أوكرانيا"~2'),
    ('"حرب على حرب"~2', '"حرب على"~3'),
    ('"من هو"~2', '"من هو"~2'),
    ('"من من"~2', "من"),
    ('"كتاب"~5', "كتاب"),
    ('العنوان:"مجلس الأمن"~5', '"مجلس.title الأمن.title"~5'),
    ("كتاب~2", "كتاب"),
    ("وزير قرب:5", "وزير"),
    # headline and lead
    ("المقدمة:فيتو", "فيتو.lead"),
    ('lead:"مجلس الأمن"', '"مجلس.lead@0 الأمن.lead@1"'),
    ("العنوان:فيتو أو المقدمة:فيتو", "(فيتو.title | فيتو.lead)>=1"),
    # characters in pasted text
    ("\u200fالعنوان:\u200fفيتو \u200e-مصر", "(فيتو.title & !مصر)"),
    ("الرياض - واس", "(الرياض & واس)"),
    # stop words: in quotes and with `=` they count, elsewhere not
    ('"آل ثاني"', "آل ثاني"),
    ('="آل ثاني"', "آل ثاني="),
    ('"إلى"', "إلى"),
    ("«إلى»", "إلى"),
    ("=إلى", "إلى="),
    ('="إلى"', "إلى="),
    ('-"إلى"', "!إلى"),
    ('صالح -"آل الشيخ"', "(صالح & !آل الشيخ)"),
    ('صالح -"من بعد"', '(صالح & !"من@0 بعد@1")'),
    ('3×"كان"', "3×كان"),
    ("3×=كان", "3×كان="),
    ('العنوان:"من هو"', '"من.title@0 هو.title@1"'),
    ('lead:"من هو"~3', '"من.lead هو.lead"~3'),
    ("العنوان:=من", "من=.title"),
    ('"في" قرب:3', "في"),
    ('"أ ف ب"', "أ ف ب"),
    ('"بروس لي', '"بروس@0 لي@1"'),
    ('+"كان"', "كان"),
    ('"في" أو "من"', "(في | من)>=1"),
    ('"في" و "من"', "(في & من)"),
    ('("من هو" أو فيتو)', '("من@0 هو@1" | فيتو)>=1'),
    ("3×كان", "none"),
    ("+كان مصر", "مصر"),
    ("العنوان:من", "none"),
    ("-من مصر", "مصر"),
    ("بروس لي", "بروس"),
]


@pytest.mark.parametrize(("text", "tree"), SIGNS)
def test_signs(text: str, tree: str) -> None:
    assert formatted(parse(text).query) == tree


ROOTS = [
    ("جذر:كتب", "كتب"),
    ("جذر:كَتَبَ", "كتب"),
    ("جذر:ك-ت-ب", "كتب"),
    ("جذر:ك ت ب", "كتب"),
    ('جذر:"ك ت ب"', "كتب"),
    ("الجذر:كتب", "كتب"),
    ("root:كتب", "كتب"),
    ("جذر:مكتبة", "كتب"),
    ("جذر:والمكتبات", "كتب"),
    ("جذر:سأل", "سءل"),
    ("جذر:سوء", "سوء"),
    ("جذر:سوأ", "سوء"),
    ("جذر:ساء", "سوء"),
    ("جذر:اكل", "ءكل"),
    ("جذر:رأى", "رءي"),
    ("جذر:دعا", "دعو"),
    ("جذر:قال", "قول قيل"),
    ("جذر:كان", "كون كين"),
    ("جذر:ق و ل", "قول"),
    ("جذر:مدّ", "مدد"),
    ("جذر:وجد", "وجد"),
    ("جذر:يصل", "يصل وصل"),
    ("جذر:زلزل", "زلزل"),
    ("جذر:صلة", "وصل"),
]


@pytest.mark.parametrize(("text", "roots"), ROOTS)
def test_roots(text: str, roots: str) -> None:
    term = parse(text).query
    assert isinstance(term, Term)
    assert " ".join(alternative.term for alternative in term.alternatives) == roots
    assert {alternative.level for alternative in term.alternatives} == {Level.ROOT}


def test_the_letters_of_a_root_end_where_a_word_begins() -> None:
    assert formatted(parse("جذر:ك ت ب حرب").query) == "(حرب & ك ت ب[كتب])"
    assert formatted(parse("جذر:ك ت ب و حرب").query) == "(ك ت ب[كتب] & حرب)"
    assert formatted(parse("جذر:د ع و").query) == "د ع و[دعو]"
    assert formatted(parse("-جذر:كتب قلم").query) == "(قلم & !كتب[كتب])"
    assert formatted(parse('جذر:"كتب قلم"').query) == "(كتب[كتب] & قلم[قلم])"


def test_a_root_is_searched_whatever_the_widest_level_is() -> None:
    root = parse("جذر:كتب").query
    assert counted(root, Level.EXACT) == root


def test_the_word_behind_a_root_has_the_root_and_no_lemma() -> None:
    (word,) = parse("جذر:ك-ت-ب").words
    assert [(term.field, term.text) for term in word.terms] == [(TokenField.ROOT, "كتب")]


NOTES = [
    ("مصر OR", [(NoteKind.OPERATOR_AS_WORD, "OR", 4)]),
    ("NOT", [(NoteKind.OPERATOR_AS_WORD, "NOT", 0)]),
    ("AND مصر", [(NoteKind.OPERATOR_AS_WORD, "AND", 0)]),
    ("مصر ليس السودان", [(NoteKind.OPERATOR_AS_WORD, "ليس", 4)]),
    ("مصر أو", [(NoteKind.STOP_WORDS, "أو", None)]),
    ("مصر و السودان", []),
    ("مصر أو السودان", []),
    ("((سلام", [(NoteKind.UNBALANCED_PARENTHESIS, "(", 1)]),
    ("سلام)", [(NoteKind.UNBALANCED_PARENTHESIS, ")", 4)]),
    ("(مصر)", []),
    ("وزير الم*", [(NoteKind.SHORT_PREFIX, "الم*", 5)]),
    ("ك* قلم", [(NoteKind.SHORT_PREFIX, "ك*", 0), (NoteKind.STOP_WORDS, "ك", None)]),
    ("قلم *كتب", [(NoteKind.UNREAD_SIGN, "*", 4)]),
    ("* كتب", []),
    ("كتاب~2", [(NoteKind.UNREAD_SIGN, "~2", 4)]),
    ("0×كلمة", [(NoteKind.UNREAD_SIGN, "0×", 0)]),
    ('قلم 3×"مجلس الأمن"', [(NoteKind.UNREAD_SIGN, "3×", 4)]),
    ("3×(مصر السودان)", [(NoteKind.UNREAD_SIGN, "3×", 0)]),
    ("3×المصدر:okaz", [(NoteKind.UNREAD_SIGN, "3×", 0)]),
    ("وزير قرب:5", [(NoteKind.UNREAD_SIGN, "قرب:5", 5)]),
    ("وزير قرب:خمسة", [(NoteKind.UNREAD_SIGN, "قرب:", 5)]),
    ("جذر:عمان", [(NoteKind.NO_ROOT, "عمان", 0)]),
    ("جذر:CNN", [(NoteKind.NO_ROOT, "CNN", 0)]),
    ('"مجلس الأمن"~500', [(NoteKind.WIDE_WINDOW, str(MAX_SLOP), 0)]),
    ("\u200fقلم \u200f*كتب", [(NoteKind.UNREAD_SIGN, "*", 6)]),
    ("*كتب *قلم", [(NoteKind.UNREAD_SIGN, "*", 0)]),
    ("العنوون:(مصر", [(NoteKind.UNKNOWN_FIELD, "العنوون", 0), (NoteKind.UNBALANCED_PARENTHESIS, "(", 8)]),
]


@pytest.mark.parametrize(("text", "notes"), NOTES)
def test_notes(text: str, notes: list[tuple[NoteKind, str, int | None]]) -> None:
    assert [(note.kind, note.text, note.position) for note in parse(text).notes] == notes


@pytest.mark.parametrize(
    ("arabic", "english"),
    [
        ('"مجلس الأمن" أو العنوان:فيتو -مصدر:رويترز', '"مجلس الأمن" OR title:فيتو -source:رويترز'),
        ('"مجلس الأمن" و المقدمة:فيتو', '"مجلس الأمن" AND lead:فيتو'),
        ("مصر ليس الوكالة:رويترز", "مصر NOT agency:رويترز"),
        ('"مجلس الأمن" قرب:٥', '"مجلس الأمن" near:5'),
        ("جذر:كتب القسم:رياضة", "root:كتب section:رياضة"),
        ("٣×كلمة الكاتب:سعاد", "3xكلمة author:سعاد"),
        ("التاريخ:٢٠٢٤ (مصر أو السودان)", "date:2024 (مصر OR السودان)"),
    ],
)
def test_arabic_and_english_names_mean_the_same(arabic: str, english: str) -> None:
    assert parse(arabic) == parse(english)


HEADLINES = [
    "أوامر ملكية : ترقية وتعيين 125 قاضٍ في العدل و المظالم",
    "متى ضم العثمانيون الشام و مصر و الحجاز؟",
    "الحوارات تكون في المكاتب و ليس في الشارع",
    "سقوط الرئيس اللبناني أثناء التقاط صور في القمة العربية (فيديو)",
    "الصين : عجوز الـ 104 أعوام تمارس هواية التصوير(صور)",
]


@pytest.mark.parametrize("headline", HEADLINES)
def test_a_pasted_headline_is_only_words(headline: str) -> None:
    query = parse(headline).query
    assert isinstance(query, And | Or)
    assert all(isinstance(child, Term) for child in query.children)


def test_words_joined_by_or_count_as_one_word_of_a_long_question() -> None:
    query = parse("في عدد المتزوجين أو المشتركين معا في المدينة القديمة").query
    assert isinstance(query, Or)
    assert [isinstance(child, Or) for child in query.children].count(True) == 1
    assert (len(query.children), query.minimum) == (5, 3)


def test_required_words_of_a_long_question_are_not_of_the_quorum() -> None:
    text = "+وزير خارجية روسيا الاتحادية يزور القاهرة"
    assert formatted(parse(text).query) == "((خارجية | روسيا | الاتحادية | يزور | القاهرة)>=3 & وزير)"
    assert formatted(parse(text.replace("+وزير", "وزير AND")).query) == (
        "((روسيا | الاتحادية | يزور | القاهرة)>=3 & وزير & خارجية)"
    )
    assert formatted(parse(text).partial) == "((خارجية | روسيا | الاتحادية | يزور | القاهرة)>=1 & وزير)"


def test_the_written_letters_and_the_folded_word_are_different_terms() -> None:
    written, folded = parse("=إدارة").query, parse('"إدارة"').query
    assert isinstance(written, Term)
    assert isinstance(folded, Term)
    assert [(found.field, found.term, found.level) for found in written.alternatives] == [
        (TokenField.WRITTEN, "إدارة", Level.EXACT)
    ]
    assert [(found.field, found.term) for found in folded.alternatives] == [
        (TokenField.WRITTEN, "إدارة"), (TokenField.SURFACE, "اداره")
    ]  # fmt: skip


def test_a_prefix_is_a_numbered_word_with_folded_letters() -> None:
    parsed = parse("قلم أُسْـ*")
    assert parsed.words[1].surface == "اس"
    assert formatted(parsed.query) == "(قلم & اس*)"


def test_a_count_holds_the_word_with_all_its_levels() -> None:
    node = parse("3×كتاب").query
    assert isinstance(node, AtLeast)
    assert node.count == 3
    assert node.term == parse("كتاب").query


def test_words_near_each_other_are_those_between_the_quotes() -> None:
    near = parse('"مجلس الأمن"~5').query
    assert isinstance(near, Near)
    assert not near.ordered
    assert {found.level for term in near.terms for found in term.alternatives} == {Level.EXACT}


def test_parentheses_beyond_the_limit_are_dropped_with_a_note() -> None:
    text = "(قلم أو " * (MAX_NESTING + 3) + "كتاب" + ")" * (MAX_NESTING + 3)
    parsed = parse(text)
    assert [note.kind for note in parsed.notes] == [NoteKind.NESTED_TOO_DEEP]
    assert formatted(parsed.query) == "(قلم | كتاب)>=1"


def test_prefixes_beyond_the_limit_are_dropped_with_a_note() -> None:
    texts = ["كتا*", "قلم*", "درس*", "حرب*", "سلم*", "شمس*"]
    parsed = parse(" أو ".join(texts))
    assert isinstance(parsed.query, Or)
    assert [child.text for child in parsed.query.children if isinstance(child, Prefix)] == [
        text[:-1] for text in texts[:MAX_PREFIXES]
    ]
    assert [(note.kind, note.text) for note in parsed.notes] == [
        (NoteKind.TOO_MANY_PREFIXES, " ".join(texts[MAX_PREFIXES:]))
    ]


def test_filters_beyond_the_limit_are_dropped_with_a_note() -> None:
    values = [f"source{number}" for number in range(MAX_FILTERS + 2)]
    parsed = parse(f"المصدر:({' '.join(values)})")
    assert formatted(parsed.query) == "source=" + ",".join(values[:MAX_FILTERS])
    assert [(note.kind, note.text) for note in parsed.notes] == [
        (NoteKind.TOO_MANY_FILTERS, " ".join(values[MAX_FILTERS:]))
    ]


def test_the_number_of_notes_is_limited() -> None:
    text = " ".join(f"{chr(letter)}a:b" for letter in range(ord("a"), ord("z")))
    assert len(parse(text).notes) == MAX_NOTES


def test_names_of_fields_are_read_in_any_spelling() -> None:
    assert parse("العُنوان:فيتو").query == parse("العنوان:فيتو").query
    assert parse("TITLE:فيتو").query == parse("title:فيتو").query
    assert parse("المصـدر:okaz").query == parse("المصدر:okaz").query


@pytest.mark.parametrize("name", sorted(field_names()))
def test_every_name_of_a_field_is_known(name: str) -> None:
    kinds = {note.kind for note in parse(f'"مجلس الأمن" {name}:5 مصر').notes}
    assert NoteKind.UNKNOWN_FIELD not in kinds
    assert NoteKind.UNREAD_SIGN not in kinds
