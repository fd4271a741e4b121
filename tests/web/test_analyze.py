"""The analysis as JSON and as a page, and the Arabic names of everything that the analyzer returns."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from index.analysis.arabic import folding, lam_alef
from index.analysis.installed import load_analyzer
from index.analysis.readings import Reading
from tests.analysis.explaining import readings_of, steps_of
from web.cli.wordlines import tokens_in
from web.config import Digits
from web.page import rules
from web.pieces import pieces

SEEDS = Path(__file__).parents[2] / "seeds"
KEYS = {
    "text", "start", "end", "stop", "word", "folded", "lemma", "vocalized", "family", "spelling", "root", "roots",
    "clitics", "readings", "steps",
}  # fmt: skip
VARIED = """
وبالاتصالات أَفَسَيَكْتُبونها كتاباً مدرستهم للجنة لليمن قال عام لبنان ترمب غوغل أمريكية احتجاجية متكونة
من وعن لـCNN l'Aube John's F-16 ٢٠١٠ 14:00 www.example.org كتـــاب ﻛﺘﺎﺏ کتاب آخر ٱلكتاب پاریس résumé ب‍يت ا\u0653خر
تكفيرية المنخرطة بروبابلمانتي مستشفى مسلسل تتلمذ القيروان تونسيون كوميدية سينمائي
الفيلم الحوكمة حوكمته المنقضي كالكتب فبيوتكم أنلزمكموها يكتبوا
"""


def answer(client: FlaskClient, text: str) -> dict[str, Any]:
    response = client.get(f"/api/v1/analyze?text={quote(text)}")
    assert (response.status_code, response.mimetype) == (200, "application/json")
    found: dict[str, Any] = json.loads(response.data)
    return found


def page(client: FlaskClient, text: str) -> str:
    response = client.get(f"/analyze?text={quote(text)}")
    assert (response.status_code, response.mimetype) == (200, "text/html")
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", "", response.text)))


def test_every_key_is_there(client: FlaskClient) -> None:
    found = answer(client, "زار الوزير لبنان")
    assert set(found) == {"text", "tokens", "analyzer", "links"}
    assert all(set(token) == KEYS for token in found["tokens"])
    assert found["analyzer"] == {
        "version": load_analyzer().version.number,
        "fingerprint": load_analyzer().version.fingerprint,
    }
    assert client.get(found["links"]["self"]).data == client.get("/api/v1/analyze?text=" + quote(found["text"])).data
    assert client.get(found["links"]["html"]).status_code == 200


def test_offsets_slice_the_text_that_was_sent(client: FlaskClient) -> None:
    text = "  مِن\n«وبالكتابِ»، لـCNN 😀 بيت  "
    found = answer(client, text)
    assert [text[token["start"] : token["end"]] for token in found["tokens"]] == [
        token["text"] for token in found["tokens"]
    ]
    assert [token["stop"] for token in found["tokens"]] == [True, False, False, False]


def test_the_steps_of_a_word_lead_from_its_letters_to_its_root(client: FlaskClient) -> None:
    (token,) = answer(client, "وبالاتصالات")["tokens"]
    steps = {step["name"]: step["text"] for step in token["steps"]}
    assert list(steps) == ["written", "surface", "clitic", "lemma", "family", "root"]
    assert (steps["clitic"], steps["lemma"], steps["root"]) == ("و + ب + ال + اتصال + ات", "اتصال", "و-ص-ل")
    page_text = page(client, "وبالاتصالات")
    for words in ("و + ب + ال + اتصال + ات", "و-ص-ل", "حرف الجر «ب»", "لاحقة التصريف «ات»", "اسم، من المعجم"):
        assert words in page_text


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("لبنان", "لا جذر له: اسم علم"),
        ("من", "كلمة شائعة جدا، لا يُبحث عنها إلا بين علامتي تنصيص"),
        ("وعن", "كلمة شائعة جدا بعد «و»، لا يُبحث عنها إلا بين علامتي تنصيص"),
        ("الكِتاب", "حذف الحركات"),
        ("مدرسة", "ة ← ه"),
        ("اإلمارات", "رد اللام والألف إلى ترتيبهما"),
        ("يامحمد", "حرف النداء «يا»"),
        ("يالشباب", "حرف النداء «يا»، اللام «ل»"),
        ("3ر5", "3.5"),
        ("ترمب", "ترامب"),
        ("اتصال", "افتعل من و-ص-ل"),
        ("عام", "قراءات أخرى"),
        ("بروبابلمانتي", "أجنبي"),
        ("!!", "ليس في هذا النص كلمة"),
    ],
)
def test_the_page_shows_the_rule_of_each_step(client: FlaskClient, word: str, words: str) -> None:
    assert words in page(client, word)


def test_each_step_links_to_the_search_at_its_level(client: FlaskClient) -> None:
    html = client.get(f"/analyze?text={quote('يتصلون')}").text
    links = re.findall(r'href="(/search[^"]*)"', html)
    address = "/search?q=" + quote("يتصلون")
    asked = ("&amp;match=exact", "&amp;match=clitic", "", "&amp;match=family", "&amp;match=root")
    assert links == [f"{address}{level}" for level in asked]
    assert "/search?" not in client.get(f"/analyze?text={quote('من')}").text


def test_a_repeated_word_is_shown_once(client: FlaskClient) -> None:
    assert client.get(f"/analyze?text={quote('كتاب و كتاب')}").text.count('class="word"') == 2


def test_without_a_text_the_page_has_a_box_and_example_words(client: FlaskClient) -> None:
    html = client.get("/analyze").text
    assert 'name="text"' in html
    assert f"/analyze?text={quote('ترمب')}" in html
    assert "JSON" not in html


def test_the_search_page_links_to_the_analysis_of_its_words(client: FlaskClient) -> None:
    assert f'href="/analyze?text={quote("اتصال")}"' in client.get(f"/search?q={quote('اتصال')}").text
    assert "كيف قُرئت" not in client.get("/search").text


@pytest.mark.parametrize(
    ("arguments", "slug", "param"),
    [
        ("", "missing-parameter", "text"),
        ("?text=", "missing-parameter", "text"),
        ("?text=%20%0A", "missing-parameter", "text"),
        ("?text=" + "x" * 1001, "value-too-long", "text"),
        ("?text=a&text=b", "repeated-parameter", "text"),
        ("?text=%FF", "bad-encoding", "text"),
        ("?txt=a", "unknown-parameter", "txt"),
        ("?text=a&q=b", "unknown-parameter", "q"),
    ],
)
def test_a_text_that_cannot_be_analyzed_is_a_problem(
    client: FlaskClient, arguments: str, slug: str, param: str
) -> None:
    response = client.get(f"/api/v1/analyze{arguments}")
    problem = json.loads(response.data)
    assert (response.status_code, response.content_type) == (400, "application/problem+json")
    assert (problem["type"], problem["param"]) == (f"/problems/{slug}", param)


def test_a_text_may_have_a_thousand_code_points(client: FlaskClient) -> None:
    text = "بيت " * 250
    assert len(answer(client, text)["tokens"]) == 250
    assert client.get(f"/analyze?text={quote(text + 'x')}").status_code == 400


@pytest.mark.parametrize("path", ["/analyze", "/api/v1/analyze"])
def test_an_analysis_that_the_client_has_is_not_sent_again(client: FlaskClient, path: str) -> None:
    first = client.get(f"{path}?text=a")
    again = client.get(f"{path}?text=a", headers={"If-None-Match": first.headers["ETag"]})
    other = client.get(f"{path}?text=b", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, other.status_code) == (200, 304, 200)
    assert ("public" if "/api/" in path else "private") in first.headers["Cache-Control"]


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x>', "\x00كتاب", "{{ 7411*7411 }}"])
def test_markup_in_the_input_is_only_text(client: FlaskClient, text: str) -> None:
    html = client.get(f"/analyze?text={quote(text)}").text
    assert "<img" not in html
    assert html.count("<script") == 1
    assert "\x00" not in html
    assert "54922921" not in html  # a product long enough not to occur in the version of the files by chance


def words_to_read() -> list[str]:
    texts = [VARIED, *(path.read_text("utf-8") for path in sorted(SEEDS.glob("*.txt")))]
    return list(dict.fromkeys(token.text for text in texts for token in load_analyzer().analyze(text).tokens()))


def readings() -> list[Reading]:
    analyzer = load_analyzer()
    return [reading for word in words_to_read() for reading in readings_of(analyzer, word)]


def test_every_letter_rule_has_an_arabic_name() -> None:
    assert {name for name, _ in folding._rules()} | {lam_alef.RULE} == set(rules.LETTERS)


def test_every_property_of_a_reading_has_an_arabic_name() -> None:
    found = readings()
    assert len(found) > 500
    assert {reading.pos for reading in found} - {""} <= set(rules.PARTS_OF_SPEECH)
    assert {reading.source for reading in found} <= set(rules.SOURCES)
    texts = {rules.lemma_rule(reading) for reading in found} | {rules.evidence(reading.rule) for reading in found}
    assert [text for text in texts if re.search("[A-Za-z]", text)] == []
    evidence = {part for reading in found if " of " not in reading.rule for part in reading.rule.split(", ") if part}
    assert evidence <= set(rules.EVIDENCE)
    assert len(evidence) > 3
    arabic = {particle for reading in found for particle in reading.proclitics if not particle.isascii()}
    assert arabic <= set(rules.PARTICLES)


def test_the_page_supports_every_step_of_the_analyzer() -> None:
    analyzer = load_analyzer()
    names = {step.name for word in words_to_read() for step in steps_of(analyzer, word)}
    assert names == {"written", "surface", "stop", "clitic", "lemma", "family", "root"}


def test_each_reading_begins_with_its_clitics() -> None:
    analyzer = load_analyzer()
    for word in words_to_read():
        cuts = [step.name for step in steps_of(analyzer, word)].count("clitic")
        stop = any(step.name == "stop" for step in steps_of(analyzer, word))
        assert cuts == (0 if stop else len(readings_of(analyzer, word))), word


PIECES = {
    "وبالاتصالات": "و ب ال اتصال ات",
    "وباتصالاته": "و ب اتصال ات ه",
    "المدرسة": "ال مدرسة",
    "مدرستهم": "مدرسة هم",
    "كتاباً": "كتاب ا",
    "الأمريكيون": "ال أمريكي ون",
    "الوزراء": "ال وزراء",
    "لبنان": "لبنان",
    "للبنان": "ل لبنان",
}


@pytest.mark.parametrize(("word", "expected"), PIECES.items(), ids=PIECES)
def test_pieces_of_a_word(word: str, expected: str) -> None:
    analyzer = load_analyzer()
    (found, *_) = readings_of(analyzer, word)
    assert " ".join(pieces(found, analyzer.word(word))) == expected


def test_pieces_of_a_word_keep_its_stem() -> None:
    analyzer = load_analyzer()
    for word in words_to_read():
        for reading in readings_of(analyzer, word):
            parts = pieces(reading, analyzer.word(word))
            before, behind = len(reading.proclitics), len(parts) - len(reading.enclitics)
            stem = folding.fold("".join(parts[before:behind]))
            assert folding.fold("".join(parts[:before])) == folding.fold("".join(reading.proclitics))
            assert parts[behind:] == reading.enclitics
            assert stem.removesuffix("ا") == folding.fold(reading.stem).removesuffix("ا"), word


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("وصل8", "افتعل من و-ص-ل"),
        ("غفر10", "استفعل من غ-ف-ر"),
        ("تلمذ2", "ت-ل-م-ذ"),
        ("وزير", "وزير"),
        ("2010", "2010"),
    ],
)
def test_families_have_displayed_names(key: str, name: str) -> None:
    assert rules.family(key)[0] == name


def test_weights_are_shown_in_per_cent() -> None:
    assert rules.percent(0.58, Digits.ARAB) == "٥٨٪"
    assert rules.percent(0.58, Digits.LATN) == "58%"


def test_a_text_is_split_into_words_and_a_single_word_is_unchanged() -> None:
    analyzer = load_analyzer()
    assert list(tokens_in("زار، الوزير", analyzer)) == ["زار", "الوزير"]
    assert [list(tokens_in(text, analyzer)) for text in ("(كتاب)", "...")] == [["(كتاب)"], ["..."]]
