"""The pages as HTML: their content, and that no text of an article or query becomes markup."""

from __future__ import annotations

import dataclasses
import html
import re
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from index.document import Basis, Document
from index.schema import FacetField, Level
from search.engine import FacetCounts, FormCount, FormCounts, Histogram, IndexInfo, Interval, ValueCount
from search.levels import Tier
from search.results import Mark, NoteKind, Snippet
from tests.web import samples
from web.app import create_app
from web.config import Config, Digits
from web.highlight import marked

NASTY = '<script>alert("1")</script><img src=x onerror=1>&amp;\u202eRLO'


class Tags(HTMLParser):
    """Collects the tags and attributes of a page; an input without a `form` attribute gets the id of its form."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._form: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "form":
            self._form = attributes.get("id")
        elif tag == "input":
            attributes.setdefault("form", self._form)
        self.tags.append((tag, attributes))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page(client: FlaskClient, path: str = "/search?q=x") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.text


def text_of(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def test_the_page_is_arabic_and_runs_from_right_to_left(client: FlaskClient) -> None:
    assert '<html lang="ar" dir="rtl">' in page(client)


def test_the_summary_counts_in_words(client: FlaskClient) -> None:
    text = text_of(page(client))
    assert "٤١ نتيجة، من يناير ٢٠٢٥ إلى مارس ٢٠٢٥، ومقال واحد بلا تاريخ." in text


def test_the_tiers_are_summed_up_with_links_to_the_levels_that_count_them(client: FlaskClient) -> None:
    markup = page(client).partition('<p class="tiers">')[2].partition("</p>")[0]
    assert text_of(markup) == "+٢ من العائلة = ٤٣ +٥ من الجذر = ٤٨ +٢ فيها بعض الكلمات النتائج وحدها"
    assert [a["href"] for a in Tags(markup).named("a")] == [
        "/search?q=x&match=family",
        "/search?q=x&match=root",
        "/search?q=x&further=0",
    ]


@pytest.mark.parametrize("arguments", ["further=0", "sort=newest"])
def test_a_list_of_matches_alone_has_no_number_of_partial_matches(client: FlaskClient, arguments: str) -> None:
    text = text_of(page(client, f"/search?q=x&{arguments}"))
    assert "+٥ من الجذر = ٤٨" in text
    assert "فيها بعض الكلمات" not in text


def test_a_list_without_the_tiers_has_a_chip_that_leads_back(client: FlaskClient) -> None:
    markup = page(client, "/search?q=x&further=0&source=a")
    chips = [a["href"] for a in Tags(markup).named("a") if a.get("class") == "chip chosen"]
    assert chips == ["/search?q=x&further=0", "/search?q=x&source=a"]
    assert "القائمة: النتائج وحدها" in text_of(markup)


def test_the_switch_has_the_number_of_each_level(client: FlaskClient) -> None:
    pills = re.findall(r'value="(\w+)"( checked)?><span>(.*?)</span></label>', page(client))
    assert [(level, bool(chosen), text_of(label)) for level, chosen, label in pills] == [
        ("exact", False, "الكلمة نفسها ١٠"),
        ("clitic", False, "حتى مع أل والحروف والضمائر ٢٥"),
        ("lemma", True, "حتى التصريفات ٤١"),
        ("family", False, "حتى العائلة ٤٣"),
        ("root", False, "حتى الجذر ٤٨"),
    ]


def test_tiers_that_follow_each_other_have_borders_with_their_numbers(
    client: FlaskClient, service: samples.Service
) -> None:
    tiers = [Tier.MATCH, Tier.FAMILY, Tier.FAMILY, Tier.ROOT]
    service.changes.update(hits=tuple(samples.hit(tier=tier) for tier in tiers), tiered=True, further=7, partial=0)
    headings = re.findall(r'role="presentation"><h2>(.*?)</h2>', page(client))
    assert headings == ["من العائلة · مقالان", "من الجذر · ٥ مقالات"]
    assert re.findall('<span class="tier">(.*?)</span>', page(client)) == ["من العائلة", "من العائلة", "من الجذر"]
    service.changes["tiered"] = False
    assert 'role="presentation"' not in page(client)
    assert re.findall('<span class="tier">(.*?)</span>', page(client)) == ["من العائلة", "من العائلة", "من الجذر"]


def test_a_card_tells_what_the_article_lacks(client: FlaskClient, service: samples.Service) -> None:
    hit = samples.hit(tier=Tier.PARTIAL)
    service.changes["hits"] = (hit._replace(match=hit.match._replace(missing=("كتاب",))),)
    assert "ليس فيه: «كتاب»" in text_of(page(client))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tiered": True, "levels": (0, 0, 0, 0, 7)}, "لا مقال فيه الكلمة؛ هذه من جذرها."),
        ({"tiered": True, "levels": (0, 0, 0, 2, 7)}, "لا مقال فيه الكلمة؛ هذه من عائلتها ومن جذرها."),
        ({"levels": (0, 0, 0, 0, 0), "partial": 7}, "لا مقال فيه كل كلماتك؛ هذه مقالات فيها بعضها."),
        ({"levels": (0, 0, 0, 0, 2), "partial": 5}, "لا مقال فيه كل كلماتك؛ هذه مقالات فيها ما يقاربها أو بعضها."),
        ({"levels": (0, 0, 0, 0, 7)}, "لا مقال فيه كل كلماتك؛ هذه مقالات فيها ما يقاربها."),
    ],
)
def test_a_list_without_matches_says_what_it_has(
    client: FlaskClient, service: samples.Service, changes: dict[str, object], said: str
) -> None:
    service.changes.update({"total": 0, "further": 7, "partial": 0} | changes)
    assert said in text_of(page(client))
    assert said not in text_of(page(client, "/search?q=x&page=2"))


def test_the_last_page_that_paging_reaches_says_that_the_list_goes_on(
    client: FlaskClient, service: samples.Service
) -> None:
    service.changes["total"] = 13_705
    said = "تُعرض أول ١٠٬٠٠٠ نتيجة؛ ضيّق البحث بمرشّح أو تاريخ لترى ما بعدها."
    last = text_of(page(client, "/search?q=x&page=500"))
    assert said in last
    assert "صفحة ٥٠٠ من" not in last
    assert said not in text_of(page(client, "/search?q=x&page=499"))
    service.changes.update(total=9_991, further=9)
    assert "صفحة ٥٠٠ من ٥٠٠" in text_of(page(client, "/search?q=x&page=500"))


def test_counts_alone_are_no_empty_page(client: FlaskClient, service: samples.Service) -> None:
    service.changes["hits"] = ()
    text = text_of(page(client, "/search?q=x&per_page=0"))
    assert "٤١ نتيجة" in text
    assert "لم نجد" not in text


def test_a_page_has_the_facets_that_are_asked_for(client: FlaskClient, service: samples.Service) -> None:
    service.changes.update(facets=(), histogram=None, forms=None)
    markup = page(client, "/search?q=x&facets=")
    assert "الصيغ التي طابقت" not in markup
    assert 'type="checkbox" form="search" name="source"' not in markup
    assert ("facets", "") in [(a["name"], a.get("value")) for a in Tags(markup).named("input")]


def test_the_forms_of_several_words_are_grouped_by_word(client: FlaskClient, service: samples.Service) -> None:
    service.changes["words"] = ("وزير", "كتاب")
    rows = [FormCount(0, "وزير", "وزير", Level.EXACT, 9), FormCount(1, "كتاب", "كتاب", Level.EXACT, 8)]
    service.changes["forms"] = FormCounts((rows[0], *[rows[1]] * 5), 0)
    for path in ("/search?q=x", "/facets/form?q=x"):
        assert re.findall(r'class="word-of"><bdi>(.*?)</bdi>', page(client, path)) == ["وزير", "كتاب"]
    shown, _, folded = page(client).partition("<h4")[2].partition("<details>")
    assert (len(ticks(shown)), len(ticks(folded))) == (5, 1)


def test_the_sources_are_counted_when_all_are_known(client: FlaskClient, service: samples.Service) -> None:
    service.changes["facets"] = (FacetCounts(FacetField.SOURCE, (ValueCount("a", 30), ValueCount("b", 11)), 2),)
    assert "٤١ نتيجة في ٤ مصادر، من" in text_of(page(client))
    assert "٤١ نتيجة، من" in text_of(page(client, "/search?q=x&source=a"))


def test_digits_follow_the_setting(service: samples.Service) -> None:
    client = create_app(service, Config(digits=Digits.LATN), clock=lambda: samples.NOW).test_client()
    assert "41 نتيجة، من يناير 2025 إلى مارس 2025، ومقال واحد بلا تاريخ." in text_of(page(client))


def test_a_card_shows_source_date_basis_and_reason(client: FlaskClient) -> None:
    text = text_of(page(client))
    assert "الجزيرة · قبل ساعتين (مذكور في النص) · سياسة · كاتب · عن رويترز" in text
    assert "مصدر غير معروف · تاريخ غير معروف" in text
    assert "الكلمة نفسها: اتصالا" in text
    assert "مع أل والحروف والضمائر: والاتصال" in text
    assert "+٣ مواضع أخرى" in text
    assert '<time datetime="2025-03-01T12:30:00+03:00">' in page(client)


@pytest.mark.parametrize(("more", "words"), [(1, "وموضع آخر"), (2, "وموضعان آخران"), (11, "+١١ موضعًا آخر")])
def test_further_occurrences_are_counted(client: FlaskClient, service: samples.Service, more: int, words: str) -> None:
    hit = samples.hit()
    service.changes["hits"] = (hit._replace(snippets=(hit.snippets[0]._replace(more=more),)),)
    assert words in text_of(page(client))


def test_an_inferred_date_is_labelled(client: FlaskClient, service: samples.Service) -> None:
    document = dataclasses.replace(samples.CALL, published_basis=Basis.INFERRED)
    service.changes["hits"] = (samples.hit(document),)
    assert "(مستنتج)" in page(client)


@pytest.mark.parametrize(
    "path",
    [
        f"/search?q={quote(NASTY)}&source={quote(NASTY)}&not_form={quote(NASTY)}",
        f"/facets/source?q={quote(NASTY)}&prefix={quote(NASTY)}&author={quote(NASTY)}",
        f"/facets/form?q={quote(NASTY)}&prefix={quote(NASTY)}&form={quote(NASTY)}",
        "/articles/x",
    ],
)
def test_markup_in_articles_and_queries_is_only_text(client: FlaskClient, service: samples.Service, path: str) -> None:
    document = Document(
        id="x", text=NASTY, title=NASTY, source=NASTY, author=NASTY, section=NASTY, agencies=(NASTY,), url=NASTY
    )
    service.articles["x"] = document
    hit = samples.hit(document)._replace(
        snippets=(Snippet("body", NASTY, (Mark(1, 7, Level.ROOT),), before=True, after=True, more=0),),
    )
    service.changes["hits"] = (hit,)
    service.changes["notes"] = (samples.note(NoteKind.STOP_WORDS, NASTY),)
    service.changes["facets"] = (FacetCounts(FacetField.SOURCE, (ValueCount(NASTY, 1),), 2),)
    service.changes["forms"] = FormCounts((FormCount(0, NASTY, NASTY, Level.ROOT, 1),), 2)
    tags = Tags(page(client, path))
    assert [attributes.get("src") for attributes in tags.named("script")] == [
        "/static/page.js?v=" + str(tags.named("script")[0]["src"]).rpartition("=")[2]
    ]
    assert tags.named("img") == []
    assert not [attributes for _, attributes in tags.tags if any(name.startswith("on") for name in attributes)]


def test_the_title_of_a_page_has_no_direction_controls(client: FlaskClient) -> None:
    found = re.search(r"<title>(.*?)</title>", page(client, "/search?q=" + quote("ا\u202eب")))
    assert found
    assert found[1] == "اب – جذور"


@pytest.mark.parametrize("path", ["/", "/search?q=x", "/articles/aj/17", "/nothing"])
def test_the_page_has_no_inline_style_or_script(client: FlaskClient, path: str) -> None:
    tags = Tags(client.get(path).text)
    assert tags.named("style") == []
    assert not [name for name, attributes in tags.tags if "style" in attributes]
    for attributes in [*tags.named("script"), *tags.named("link")]:
        assert str(attributes.get("src") or attributes.get("href")).startswith("/static/")


def test_a_title_that_begins_with_latin_letters_stays_arabic(client: FlaskClient, service: samples.Service) -> None:
    service.changes["hits"] = (
        samples.hit(dataclasses.replace(samples.CALL, title="CNN: الرئيس يتلقى اتصالا")),
        samples.hit(dataclasses.replace(samples.CALL, title="Apple تطلق iPhone 15 Pro Max")),
        samples.hit(dataclasses.replace(samples.CALL, title="Breaking news from CNN")),
    )
    assert [attributes["dir"] for attributes in Tags(page(client)).named("h2") if "dir" in attributes] == [
        "rtl",
        "rtl",
        "ltr",
    ]


def test_the_form_sends_the_whole_search(client: FlaskClient) -> None:
    tags = Tags(
        page(
            client,
            "/search?q=x&match=clitic&source=aljazeera&not_agency=b&form=c&not_form=d&sort=oldest&from=2024&per_page=50",
        )
    )
    sent = {
        (attributes["name"], attributes.get("value"))
        for attributes in tags.named("input")
        if (attributes["form"] == "search" and attributes.get("type") not in ("checkbox", "radio"))
        or "checked" in attributes
    }
    assert sent == {
        ("q", "x"),
        ("match", "clitic"),
        ("source", "aljazeera"),
        ("not_agency", "b"),
        ("form", "c"),
        ("not_form", "d"),
        ("sort", "oldest"),
        ("from", "2024-01-01"),
        ("to", ""),
        ("per_page", "50"),
    }


def test_newer_articles_can_be_preferred_and_the_form_keeps_it(client: FlaskClient) -> None:
    plain, boosted = page(client, "/search?q=x"), page(client, "/search?q=x&boost=recency&second_try=0")
    assert 'href="/search?q=x&amp;boost=recency">الأقرب مع ترجيح الأحدث</a>' in plain
    assert 'aria-current="true">الأقرب مع ترجيح الأحدث</a>' in boosted
    assert '<input type="hidden" name="boost" value="recency">' in boosted
    assert '<input type="hidden" name="second_try" value="0">' in boosted
    assert "ترجيح" not in page(client, "/search"), "without words there is no relevance to boost"


def test_each_selection_can_be_removed(client: FlaskClient) -> None:
    chips = [a["href"] for a in Tags(page(client, "/search?q=x&source=aljazeera&not_agency=b")).named("a")
             if "chosen" in str(a.get("class"))]  # fmt: skip
    assert chips == ["/search?q=x&not_agency=b", "/search?q=x&source=aljazeera"]


def test_a_facet_without_known_values_is_not_shown(client: FlaskClient) -> None:
    text = text_of(page(client))
    assert "القسم" not in text
    assert "الكاتب" not in text


def ticks(markup: str) -> list[tuple[str, bool, str]]:
    """Return the name, the tick and the address of each row of the forms."""
    rows = re.findall(r'<a class="tick( ticked)?" href="([^"]*)".*?class="name">(.*?)</bdi>', markup)
    return [(name, bool(ticked), html.unescape(href)) for ticked, href, name in rows]


def test_forms_are_ticked_and_their_boxes_drop_them(client: FlaskClient) -> None:
    markup = page(client, "/search?q=x&source=a")
    assert "الصيغ التي طابقت" in markup
    assert ticks(markup) == [
        ("إدارة", True, f"/search?q=x&source=a&not_form={quote('إدارة')}"),
        ("والاتصال", True, f"/search?q=x&source=a&not_form={quote('والاتصال')}"),
    ]
    forms = text_of(markup.partition("الصيغ التي طابقت")[2])
    assert "الكلمة نفسها أسقط إدارة ٢٥ وحدها مع أل والحروف والضمائر أسقط والاتصال ٢٠ وحدها" in forms
    assert "و٣ صيغ أخرى" in text_of(markup)


def test_a_dropped_form_is_listed_last_and_can_be_restored(client: FlaskClient) -> None:
    markup = page(client, f"/search?q=x&not_form={quote('مكتب')}")
    assert ticks(markup)[-1] == ("مكتب", False, "/search?q=x")
    assert '<span class="quiet">الصيغة ليس:</span> <bdi dir="rtl">مكتب</bdi>' in markup


def test_spellings_that_fold_alike_are_the_same_form(client: FlaskClient) -> None:
    (first, _) = ticks(page(client, f"/search?q=x&form={quote('ادارة')}"))
    assert first == ("إدارة", True, "/search?q=x")
    assert 'الصيغة:</span> <bdi dir="rtl">ادارة' in page(client, f"/search?q=x&form={quote('ادارة')}")


def test_selecting_one_form_keeps_the_dropped_ones(client: FlaskClient) -> None:
    links = [str(a["href"]) for a in Tags(page(client, f"/search?q=x&not_form={quote('مكتب')}")).named("a")]
    assert f"/search?q=x&form={quote('إدارة')}&not_form={quote('مكتب')}" in links


def test_only_the_selected_form_is_ticked(client: FlaskClient) -> None:
    markup = page(client, f"/search?q=x&form={quote('والاتصال')}")
    assert [(name, ticked) for name, ticked, _ in ticks(markup)] == [("إدارة", False), ("والاتصال", True)]
    assert ticks(markup)[1][2] == "/search?q=x"
    assert markup.count('class="not only"') == 1


def test_a_single_form_is_not_listed(client: FlaskClient, service: samples.Service) -> None:
    service.changes["forms"] = FormCounts((FormCount(0, "اتصال", "اتصال", Level.EXACT, 41),), 0)
    assert "الصيغ التي طابقت" not in page(client)


def test_a_facet_with_more_values_has_a_search_box(client: FlaskClient, service: samples.Service) -> None:
    markup = page(client, "/search?q=x&agency=b&page=2")
    assert re.findall(r'<form class="find" action="([^"]*)"', markup) == ["/facets/source", "/facets/form"]
    form = markup.partition('action="/facets/source"')[2].partition("</form>")[0]
    sent = [(a["name"], a.get("value")) for a in Tags(form).named("input")]
    assert sent == [("q", "x"), ("agency", "b"), ("prefix", "")]
    service.changes["facets"] = (FacetCounts(FacetField.SOURCE, (ValueCount("a", 30),), 0),)
    service.changes["forms"] = FormCounts((), 0)
    assert '<form class="find"' not in page(client)


def test_the_page_of_a_facet_leads_back_with_the_chosen_value(client: FlaskClient) -> None:
    markup = page(client, "/facets/source?q=x&agency=b&prefix=al")
    links = [str(a["href"]) for a in Tags(markup).named("a")]
    assert "/search?q=x&source=aljazeera&agency=b" in links
    assert "/search?q=x&not_source=aljazeera&agency=b" in links
    assert "/search?q=x&agency=b" in links
    assert 'value="al"' in markup


def test_the_trail_of_selected_days_has_their_month_and_year(client: FlaskClient) -> None:
    def trail(arguments: str) -> list[tuple[str | None, str]]:
        markup = page(client, f"/search?q=x&{arguments}").partition('<nav class="trail"')[2].partition("</nav>")[0]
        steps = re.findall(r'<a href="([^"]*)"[^>]*>(.*?)</a>|<span aria-current="true">(.*?)</span>', markup)
        return [(html.unescape(href) or None, label or current) for href, label, current in steps]

    year = ("/search?q=x&from=2025-01-01&to=2025-12-31", "٢٠٢٥")
    month = ("/search?q=x&from=2025-03-01&to=2025-03-31", "مارس ٢٠٢٥")
    whole = ("/search?q=x", "كل المدة")
    assert trail("") == []
    assert trail("from=2025&to=2025") == [whole, (None, "٢٠٢٥")]
    assert trail("from=2025-03&to=2025-03") == [whole, year, (None, "مارس ٢٠٢٥")]
    assert trail("from=2025-03-03&to=2025-03-03") == [whole, year, month, (None, "٣ مارس ٢٠٢٥")]
    assert trail("from=2025-02-24&to=2025-03-02") == [whole, year, (None, "من ٢٤ فبراير ٢٠٢٥ إلى ٢ مارس ٢٠٢٥")]
    assert trail("from=2024-12-30&to=2025-01-05") == [whole, (None, "من ٣٠ ديسمبر ٢٠٢٤ إلى ٥ يناير ٢٠٢٥")]
    assert trail("from=2025") == [whole, (None, "منذ ١ يناير ٢٠٢٥")]
    undated = ("/search?q=x&date=unknown", "كل المدة")
    assert trail("from=2025&date=unknown")[0] == undated


def test_the_oldest_bar_is_at_the_right(client: FlaskClient) -> None:
    slots = [float(str(a["d"])[1:].split()[0]) for a in Tags(page(client)).named("path") if a.get("class") == "slot"]
    assert len(slots) == 3
    assert slots == sorted(slots, reverse=True)


def test_bars_are_not_focusable_and_the_table_has_the_same_links(client: FlaskClient) -> None:
    links = Tags(page(client)).named("a")
    month = [a for a in links if a.get("href") == "/search?q=x&from=2025-01-01&to=2025-01-31"]
    assert [a.get("tabindex") for a in month] == ["-1", None]


def test_an_empty_index_names_the_command(client: FlaskClient, service: samples.Service) -> None:
    service.changes.update(total=0, further=0, hits=(), facets=(), index=IndexInfo("g", "1", 0))
    service.changes["histogram"] = Histogram(Interval.DAY, (), 0)
    assert "judhur index add" in page(client, "/")


def test_a_page_without_results_suggests_what_to_try(client: FlaskClient, service: samples.Service) -> None:
    service.changes.update(total=0, hits=(), facets=(), histogram=Histogram(Interval.DAY, (), 0))
    service.changes.update(levels=(0, 0, 0, 2, 7), further=7, partial=0)
    markup = page(client, "/search?q=x&match=exact&agency=b")
    hrefs = {attributes.get("href") for attributes in Tags(markup).named("a")}
    assert {"/search?q=x&match=exact", "/search?q=x&match=root&agency=b", "/search"} <= hrefs
    assert "وسّع المطابقة حتى العائلة: نتيجتان" in text_of(markup)
    assert "وسّع المطابقة حتى الجذر: ٧ نتائج" in text_of(markup)
    assert "وسّع المطابقة حتى التصريفات" not in text_of(markup)


def test_a_page_after_the_last_one_links_to_the_first(client: FlaskClient, service: samples.Service) -> None:
    service.changes["hits"] = ()
    assert "لا نتائج في هذه الصفحة" in page(client, "/search?q=x&page=30")


def test_the_start_page_offers_words_of_the_newest_titles(client: FlaskClient, service: samples.Service) -> None:
    service.changes["hits"] = (samples.hit(), samples.hit(dataclasses.replace(samples.CALL, title="خلال ترامب خلال")))
    offered = [a["href"] for a in Tags(page(client, "/")).named("a") if a.get("class") == "chip"]
    assert offered[0] == "/search?q=" + quote("ترامب")
    assert "/search?q=" + quote("خلال") not in offered


def test_an_article_is_shown_with_its_evidence_and_marked_teasers(client: FlaskClient) -> None:
    markup = page(client, "/articles/aj/17")
    text = text_of(markup)
    assert (
        text.count("مكالمة هاتفية بين ترامب وبوتين") == 2
    )  # the page's title and the heading, but not the first line of the text
    assert "(مذكور في النص) تاريخ النشر: 1 مارس 2025" in text
    assert re.search(r'<p class="teaser"[^>]*>.*إقرأ أيضاً: خبر آخر</p>', markup)
    link = next(a for a in Tags(markup).named("a") if a.get("href") == samples.CALL.url)
    assert link["rel"] == "noopener noreferrer nofollow"


def test_overlapping_marks_and_marks_outside_the_text_are_left_out() -> None:
    marks = (Mark(0, 2, Level.EXACT), Mark(1, 3, Level.ROOT), Mark(3, 9, Level.ROOT), Mark(3, 4, Level.LEMMA))
    assert marked("<>&x", marks) == '<mark data-level="exact">&lt;&gt;</mark>&amp;<mark data-level="lemma">x</mark>'
