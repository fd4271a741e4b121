"""The capabilities that distinguish Judhur, each tested from a query to the answer of the page or the API."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.library import facet, get_json, ids, library, search, texts

SEEDS = Path(__file__).parents[2] / "seeds"

LADDER = ["اتصال", "الاتصال", "وباتصالاته", "يتصلون", "مواصلات"]
ROOT = ["صدر كتاب جديد", "قرأت الكتب", "في مكتب المدير", "زار المكتبات", "مكتب فيه كتاب", "مكتب البريد"]
OTHERS = [
    "شربنا اللبن", "زار لبنان", "وزير", "قال الوزير", "واشنطن", "قيلولة الظهر", "قال كلاما",
    "وقف مجلس الأمن", "الأمن في مجلس", "فيتو جديد", "سلام دائم", "قلم أو ورقة",
]  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Return a client over one article per line, the seeds, and one article with characters that must be escaped."""
    titled = {"id": "titled", "title": "اتصالات <b>و</b> مكاتب & كتب", "text": "لا اتصال 😀 <mark>هنا</mark> ولا كتابة"}
    with library(tmp_path_factory.mktemp("capabilities"), [*texts(*LADDER, *ROOT, *OTHERS), titled], SEEDS) as client:
        yield client


def page(client: FlaskClient, q: str, **arguments: object) -> str:
    response = client.get("/search", query_string={"q": q, **arguments})
    assert response.status_code == 200
    return response.text


def lines(found: dict[str, Any], among: list[str]) -> list[str]:
    return [article_id for article_id in ids(found) if article_id in among]


def test_hits_are_ordered_by_match_level_and_give_the_reason(client: FlaskClient) -> None:
    found = search(client, "اتصال", per_page=100)
    assert lines(found, LADDER) == LADDER
    hits = {hit["id"]: hit["match"] for hit in found["hits"]}
    assert [hits[line]["level"] for line in LADDER] == ["exact", "clitic", "lemma", "family", "root"]
    assert {hits[line]["root"] for line in LADDER} == {"وصل"}
    assert [("الجذر: و-ص-ل" in hits[line]["why"]) for line in LADDER] == [False, False, False, True, True]
    assert hits["وباتصالاته"]["why"] == "تصريف آخر من «اتصال»: «وباتصالاته»"
    cards = page(client, "اتصال", per_page=100).split("<article>")
    for line in LADDER:
        card = next(card for card in cards if f">{line}</mark>" in card)
        assert ("الجذر: <bdi>و-ص-ل</bdi>" in card) == (line in LADDER[3:])


def test_a_name_does_not_match_the_words_that_it_resembles(client: FlaskClient) -> None:
    assert lines(search(client, "لبنان"), OTHERS) == ["زار لبنان"]
    assert lines(search(client, "لبن"), OTHERS) == ["شربنا اللبن"]
    with_article, without = (set(ids(search(client, q, per_page=100))) for q in ("الوزير", "وزير"))
    assert with_article == without >= {"وزير", "قال الوزير"}
    (token,) = get_json(client, "/api/v1/analyze", text="واشنطن")["tokens"]
    assert (token["root"], token["roots"]) == (None, [])


def test_an_ambiguous_word_keeps_all_its_roots(client: FlaskClient) -> None:
    (token,) = get_json(client, "/api/v1/analyze", text="قال")["tokens"]
    assert {root["root"] for root in token["roots"]} >= {"قول", "قيل"}
    read = html.unescape(client.get("/analyze", query_string={"text": "قال"}).text)
    assert "ق-و-ل" in read
    assert "ق-ي-ل" in read
    by_root = {hit["id"]: hit["match"] for hit in search(client, "قيلولة")["hits"]}
    assert by_root["قال كلاما"]["level"] == "root"
    assert by_root["قال كلاما"]["why"] == "من الجذر نفسه: «قال» (الجذر: ق-ي-ل)"
    assert by_root["قال كلاما"]["tier"] == "root"
    assert "قال كلاما" not in ids(search(client, "قيلولة", match="family", further=0))


def test_matched_forms_can_be_dropped(client: FlaskClient) -> None:
    def found(**arguments: object) -> set[str]:
        return set(ids(search(client, "جذر:كتب", per_page=100, **arguments)))

    answer = search(client, "جذر:كتب", per_page=100)
    forms = {value["value"]: value for value in facet(answer, "form")["values"]}
    assert all(form["count"] > 0 for form in forms.values())
    assert {form["level"] for form in forms.values()} == {"root"}
    having = {form: found(form=form) for form in forms}
    assert {form: len(articles) for form, articles in having.items()} == {
        form: value["count"] for form, value in forms.items()
    }
    assert set().union(*having.values()) == found()
    # Articles that only have مكتب are removed; one with another form of the root stays, but مكتب is not marked in it.
    assert found() - found(not_form="مكتب") == {"في مكتب المدير", "مكتب البريد"}
    dropped = search(client, "جذر:كتب", not_form="مكتب", per_page=100)
    assert "مكتب" not in {value["value"] for value in facet(dropped, "form")["values"]}
    assert next(hit["match"]["words"] for hit in dropped["hits"] if hit["id"] == "مكتب فيه كتاب") == ["كتاب"]


def test_if_every_article_has_one_form_the_counts_add_up(tmp_path: Path) -> None:
    with library(tmp_path, texts("كتاب واحد", "كتاب ثان", "في مكتب المدير", "مكتبة البلدة")) as client:
        answer = search(client, "جذر:كتب")
        forms = facet(answer, "form")["values"]
        assert sum(form["count"] for form in forms) == answer["total"]["value"] == 4
        office = next(form for form in forms if form["value"] == "مكتب")
        without = get_json(client, office["exclude_url"])
        assert set(ids(answer)) - set(ids(without)) == set(ids(get_json(client, office["toggle_url"])))
        assert without["total"]["value"] == 4 - office["count"]


@pytest.mark.parametrize("q", ["اتصال", "جذر:كتب", "بوتين", "ترامب روسيا مكالمة", "رئيس*", '"فلاديمير بوتين"'])
def test_marks_enclose_whole_words_of_the_unchanged_text(client: FlaskClient, q: str) -> None:
    hits = search(client, q, per_page=100)["hits"]
    assert hits
    for hit in hits:
        whole = get_json(client, hit["links"]["self"])["text"]
        for markup, text in [
            (hit["title_html"], hit["title"]),
            *((snippet["html"], snippet["text"]) for snippet in hit["snippets"]),
        ]:
            assert html.unescape(re.sub("<[^>]*>", "", markup)) == text
            assert set(re.findall("<[^>]*>", re.sub(r' data-level="[a-z]+"', "", markup))) <= {"<mark>", "</mark>"}
            for border in re.finditer("<[^>]*>", markup):
                around = html.unescape(markup[: border.start()])[-1:], html.unescape(markup[border.end() :])[:1]
                assert not all(letter and unicodedata.category(letter)[0] in "LM" for letter in around), markup
        assert all(snippet["text"] in whole for snippet in hit["snippets"])


def test_titles_are_marked_too(client: FlaskClient) -> None:
    hit = next(hit for hit in search(client, "اتصال", per_page=100)["hits"] if hit["id"] == "titled")
    assert hit["title_html"] == '<mark data-level="lemma">اتصالات</mark> &lt;b&gt;و&lt;/b&gt; مكاتب &amp; كتب'
    assert hit["title_html"] in page(client, "اتصال", per_page=100)


@pytest.mark.parametrize(
    ("arabic", "english"),
    [
        (
            '"مجلس الأمن" أو العنوان:فيتو -مصدر:"قناة اليمن اليوم"',
            '"مجلس الأمن" OR title:فيتو -source:"قناة اليمن اليوم"',
        ),
        ("(وزير) و (قال)", "(وزير) AND (قال)"),
        ('وزير ليس "قال"', 'وزير NOT "قال"'),
        ("جذر:كتب", "root:كتب"),
    ],
)
def test_the_query_language_is_the_same_in_arabic_and_english(client: FlaskClient, arabic: str, english: str) -> None:
    first, second = (search(client, q, per_page=100) for q in (arabic, english))
    assert ids(first) == ids(second) != []
    assert (first["query"]["notes"], second["query"]["notes"]) == ([], [])


def test_an_operator_between_quotes_is_a_word(client: FlaskClient) -> None:
    assert ids(search(client, '"قلم أو ورقة"')) == ["قلم أو ورقة"]
    assert ids(search(client, '"قلم ورقة"')) == []


def test_a_malformed_query_is_still_answered(client: FlaskClient) -> None:
    found = search(client, "((سلام")
    assert "سلام دائم" in ids(found)
    (note,) = found["query"]["notes"]
    assert (note["kind"], note["text"], note["position"]) == ("unbalanced_parenthesis", "(", 1)
    for q in ('"', "(((", "))) أو", "أو أو", "-", "+ =", "العنوان:", "3×", "*", "~5", "ليس", '"مجلس'):
        assert client.get("/search", query_string={"q": q}).status_code == 200
        search(client, q)


def test_a_distance_limits_how_far_words_are_apart(client: FlaskClient) -> None:
    assert set(lines(search(client, '"مجلس الأمن"~5'), OTHERS)) == {"وقف مجلس الأمن", "الأمن في مجلس"}
    assert lines(search(client, '"مجلس الأمن"'), OTHERS) == ["وقف مجلس الأمن"]
