"""Where tokens begin and end, and of which kind they are."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest

from index.analysis.analyzer import Analyzer
from index.analysis.arabic.tokenizer import BETWEEN, MAX_TOKEN_LENGTH, TokenKind, kind_of, token_pattern

CASES = {
    "marks do not split a word": ("مُحَمَّد يَكْتُبُ", ["مُحَمَّد", "يَكْتُبُ"]),
    "tatweel does not split a word": ("الـــرئيس", ["الـــرئيس"]),
    "presentation forms are letters": ("ﻣﺤﻤﺪ ﷲ ﻻ", ["ﻣﺤﻤﺪ", "ﷲ", "ﻻ"]),
    "a non-joiner stays inside a Persian-typed word": ("می‌خواهد", ["می‌خواهد"]),
    "a direction mark at the end is outside": ("كلمة\u200f كلمة\u200e", ["كلمة", "كلمة"]),
    "a zero width space is a space": ("كلمة\u200bكلمة", ["كلمة", "كلمة"]),
    "Arabic words with a hyphen are two": ("الروسية-الأوكرانية", ["الروسية", "الأوكرانية"]),
    "a full stop without a space splits": ("انتهى.بدأ", ["انتهى", "بدأ"]),
    "slashes split": ("السعودية/اليمن", ["السعودية", "اليمن"]),
    "a title before a name is a word": ("د.محمد", ["د", "محمد"]),
    "dotted initials are one": ("وكالة أ.ف.ب. و U.S. Army", ["وكالة", "أ.ف.ب", "و", "U.S", "Army"]),
    "a hashtag is its words": ("#السعودية_اليوم", ["السعودية", "اليوم"]),
    "a mention is its words": ("@Saudi_News", ["Saudi", "News"]),
    "emoji are nothing": ("خبر 😀🇸🇦 عاجل", ["خبر", "عاجل"]),
    "an apostrophe stays inside": ("O'Neil don’t 'quoted'", ["O'Neil", "don’t", "quoted"]),
    "a single letter keeps its hyphen": ("e-mail T-shirt Jay-Z", ["e-mail", "T-shirt", "Jay-Z"]),
    "longer words with a hyphen are two": ("Wi-Fi Al-Jazeera", ["Wi", "Fi", "Al", "Jazeera"]),
    "one or two letters and a number are one": (
        "F-16 F16 G20 5G H1N1 MP3",
        ["F-16", "F16", "G20", "5G", "H1N1", "MP3"],
    ),
    "longer words leave their number": ("COVID-19 COVID19 90min", ["COVID", "19", "COVID", "19", "90", "min"]),
    "times, decimals and groups are one": (
        "14:00 2.5% 1,500.75 ٢٫٥ ١٬٥٠٠",
        ["14:00", "2.5", "1,500.75", "٢٫٥", "١٬٥٠٠"],
    ),
    "lists of numbers are many": ("1,2,3", ["1", "2", "3"]),
    "the Arabic comma separates groups and decimals": (
        "26،013 و٢٦،٠١٣ 1،234،567 973،092.5 3،7 ٨،٥",
        ["26،013", "و٢٦،٠١٣", "1،234،567", "973،092.5", "3،7", "٨،٥"],
    ),
    "lists with the Arabic comma are many": (
        "1،2،3 12،13،14 2013،2014 1،234،5",
        ["1", "2", "3", "12", "13", "14", "2013", "2014", "1", "234", "5"],
    ),
    "other numbers with the Arabic comma are many": (
        "055،123 2014،100،200 12،3456 5، 6",
        ["055", "123", "2014", "100", "200", "12", "3456", "5", "6"],
    ),
    "ranges of numbers are two": ("26،013-27،500 3ر5-4ر5", ["26،013", "27،500", "3ر5", "4ر5"]),
    "reh between digits is a decimal sign": (
        "3ر5 ٣ر٥ 0ر25 4ر0 و500ر12 ب267ر205 3ﺭ5 2ر22مليار 540ر999ر45",
        ["3ر5", "٣ر٥", "0ر25", "4ر0", "و500ر12", "ب267ر205", "3ﺭ5", "2ر22", "مليار", "540ر999ر45"],
    ),
    "reh elsewhere is a letter": (
        "م5ر3 5ر 15ر3ر2010 5 ر 3 5رجل ر5",
        ["م", "5", "ر", "3", "5", "ر", "15", "ر", "3", "ر", "2010", "5", "ر", "3", "5", "رجل", "ر", "5"],
    ),
    "dates and years are many": ("24/7 21/07/2015 2014-2015", ["24", "7", "21", "07", "2015", "2014", "2015"]),
    "a number at the end of a sentence": ("عام 2015.", ["عام", "2015"]),
    "letters after a number are a word": ("1436هـ", ["1436", "هـ"]),
    "letters before a number are a word": ("مجموعة5+1", ["مجموعة", "5", "1"]),
    "a particle stays with a number": ("لـ30 و2015 بال50", ["لـ30", "و2015", "بال50"]),
    "a particle stays with a Latin word": ("لـCNN وبـBBC", ["لـCNN", "وبـBBC"]),
    "a particle before a quotation is alone": ('بـ"تدمير"', ["بـ", "تدمير"]),
    "scripts part": ("CNNالعربية", ["CNN", "العربية"]),
    "an address is one": (
        "(www.spa.gov.sa) https://t.co/aB?x=1، a.b@spa.gov.sa.",
        ["www.spa.gov.sa", "https://t.co/aB?x=1", "a.b@spa.gov.sa"],
    ),
    "an address without www is one": ("youtube.com/user_x arab-news.com.", ["youtube.com/user_x", "arab-news.com"]),
    "Han characters are words": ("東京", ["東", "京"]),
    "accents stay, decomposed too": ("café cafe\u0301", ["café", "cafe\u0301"]),
    "full-width letters and digits": ("ＣＮＮ １２", ["ＣＮＮ", "１２"]),
    "marks with spaces before them, from a PDF": ("ٱ ْﻟ َﺣ ْﻣ ُد لله", ["ٱ ْﻟ َﺣ ْﻣ ُد", "لله"]),
    "the same with letters of the alphabet": ("ك ِت َا ب ٌ وقلم", ["ك ِت َا", "ب", "وقلم"]),
    "one such mark is enough between presentation forms": ("ﻟ َﻪ قال", ["ﻟ َﻪ", "قال"]),
    "two spaces end such a word": ("ٱ ْﻟ َﺣ ْﻣ ُد  ِﻟ َﻣ ْن", ["ٱ ْﻟ َﺣ ْﻣ ُد", "ﻟ َﻣ ْن"]),
    "a mark typed behind the space joins nothing": (
        "أيضا ًمن المعينين، جدا ً وقد ّأن إذا ُطبق",
        ["أيضا", "من", "المعينين", "جدا", "وقد", "أن", "إذا", "طبق"],
    ),
    "a pause of the Quran joins nothing": ("لا ريب ۛ فيه ۛهدى", ["لا", "ريب", "فيه", "هدى"]),
    "tatweel behind a space joins nothing": ("قال ـمحمد ـعلي ـحسن", ["قال", "محمد", "علي", "حسن"]),
    "nothing": (" \t\n«»…ـــ \u200f", []),
}


@pytest.mark.parametrize(("text", "tokens"), CASES.values(), ids=CASES.keys())
def test_tokens(analyzer: Analyzer, text: str, tokens: list[str]) -> None:
    assert [token.text for token in analyzer.analyze(text).tokens()] == tokens


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("كتاب", TokenKind.ARABIC),
        ("كتا\u200dب", TokenKind.ARABIC),
        ("أ.ف", TokenKind.INITIALS),
        ("spa.gov.sa", TokenKind.ADDRESS),
        ("F-16", TokenKind.DESIGNATION),
        ("لـ30", TokenKind.NUMBER),
        ("CNN", TokenKind.LATIN),
        ("京", TokenKind.LATIN),
    ],
)
def test_kinds(text: str, kind: TokenKind) -> None:
    match = token_pattern().match(text)
    assert match is not None
    assert kind_of(match) is kind


def test_no_letter_mark_or_digit_is_skipped() -> None:
    skipped = re.findall(f"[{BETWEEN}]", "".join(map(chr, range(0x10000))))
    assert {" ", "\n", "،"} <= set(skipped)
    assert [character for character in skipped if unicodedata.category(character)[0] in "LMN"] == []
    assert not set(skipped) & set("._%+-"), "an address may begin with these"


@pytest.mark.parametrize("letter", ["ب", "a", "1", "بً", "a\u0301", "ﷺ", "http://www."])
def test_endless_tokens_are_cut(analyzer: Analyzer, letter: str) -> None:
    analyzed = analyzer.analyze(letter * 600)
    assert len(analyzed) >= 600 * len(letter) // MAX_TOKEN_LENGTH
    assert all(end - start <= MAX_TOKEN_LENGTH for start, end in zip(analyzed.starts, analyzed.ends, strict=True))


JUNK = {
    "one letter": "a",
    "dots": "a.",
    "Arabic dots": "م.",
    "marks": "\u064b",
    "a word of marks": "م" + "\u064b" * 300,
    "controls": "م\u200f\u200f\u200f",
    "apostrophes": "a''",
    "commas": "1,",
    "points": "1.",
    "hyphens": "a-",
    "particles": "وال",
    "lams": "ل",
    "mails": "a@",
    "schemes": "http://",
    "labels": "a" * 62 + ".",
    "joiners": "a\u200d",
    "letters and digits": "x1",
    "digits": "1",
    "Arabic commas": "1،",
    "Arabic groups": "،123",
    "decimal letters": "1ر",
    "groups with letters": "123ر",
    "letters with spaced marks": "ب َ",
    "letters with many spaced marks": "ب" + " َ" * 40,
}


@pytest.mark.parametrize("unit", JUNK.values(), ids=JUNK.keys())
def test_junk_takes_linear_time(unit: str) -> None:
    """Four times the text may take eight times as long on a busy machine; quadratic time would be sixteen times."""

    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        began = time.process_time()
        for _ in token_pattern().finditer(text):
            pass
        return time.process_time() - began

    small = min(seconds(50_000) for _ in range(3))
    large = min(seconds(200_000) for _ in range(2))
    assert large < 8 * small + 0.05, f"50,000 code points in {small:.3f} s, 200,000 in {large:.3f} s"
