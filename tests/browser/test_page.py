"""The page in a real browser, over the five seeds."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser.reader import DESKTOP, PHONE, Reader, reason_to_skip
from web.counting import ascii_digits

pytestmark = pytest.mark.browser
# Skipped here instead of in the fixture, so that the report gives the reason once.
if REASON := reason_to_skip():
    pytest.skip(REASON, allow_module_level=True)

PUTIN = "/search?q=%D8%A8%D9%88%D8%AA%D9%8A%D9%86"
ARTICLE = "/articles/002_89aaa673857e5ad5"
ANALYSIS = f"/analyze?text={quote('وبالاتصالات عام ترمب من CNN')}"
FORMS = f"/search?q={quote('رئيس')}&match=root"
TIERS = f"/search?q={quote('اتصال')}&match=exact"
PAGES = [
    "/",
    PUTIN,
    TIERS,
    FORMS,
    "/facets/source?prefix=a",
    f"{PUTIN}&source=-&not_agency=x&from=2024",
    "/search?q=zzzz",
    "/nothing",
]

CUT_WORDS = r"""
const letter = /[\u0620-\u065f\u066e-\u06d3]/u;
const joins = (before, after) => letter.test(before.slice(-1)) && letter.test(after.slice(0, 1));
return [...document.querySelectorAll("mark")].filter((mark) =>
  joins(mark.previousSibling?.textContent ?? "", mark.textContent) ||
  joins(mark.textContent, mark.nextSibling?.textContent ?? "")).map((mark) => mark.parentNode.textContent);
"""

TARGETS = (
    ".go", ".pill", ".sheet-open", ".sheet-close", ".value label", ".not", ".apply button", ".tick", ".only",
    ".find input[type=search]", ".find button", ".tiers a",
)  # fmt: skip
OUT_OF_ORDER = r"""
return [...document.querySelectorAll(".snippet")].filter((snippet) => {
  const marks = [...snippet.querySelectorAll("mark")].map((mark) => mark.getBoundingClientRect());
  return marks.some((mark, index) => index && Math.abs(mark.top - marks[index - 1].top) < 4
    && mark.right > marks[index - 1].right);
}).map((snippet) => snippet.textContent);
"""


def test_the_page_is_arabic_and_runs_from_right_to_left(reader: Reader) -> None:
    reader.open(PUTIN)
    assert reader.run("return [document.documentElement.lang, document.dir]") == ["ar", "rtl"]
    main, facets = reader.find(".found").rect, reader.find(".facets").rect
    assert main["x"] > facets["x"] + facets["width"]


def test_every_seed_mentions_putin(reader: Reader) -> None:
    reader.open(PUTIN)
    assert (len(reader.all(".hit")), reader.total()) == (5, 5)
    assert "٥ نتائج" in reader.find(".summary").text


@pytest.mark.parametrize("path", [*PAGES[:4], ARTICLE, "/analyze", ANALYSIS])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_console_is_empty_and_no_other_host_is_requested(reader: Reader, path: str, scheme: str) -> None:
    reader.colours(scheme)
    reader.open(path)
    reader.run("return document.fonts.ready.then(() => true)")
    assert reader.complaints() == []
    urls = reader.requests()
    assert any(url.endswith(".woff2") for url in urls) or any("page.css" in url for url in urls)
    assert [url for url in urls if not url.startswith((f"{reader.address}/", "data:"))] == []


@pytest.mark.parametrize("path", [*PAGES, ARTICLE, f"{PUTIN}#facets", "/analyze", ANALYSIS])
@pytest.mark.parametrize("screen", [PHONE, DESKTOP, (320, 568)], ids=["phone", "desktop", "small"])
def test_no_page_is_wider_than_the_screen(reader: Reader, path: str, screen: tuple[int, int]) -> None:
    reader.screen(*screen)
    reader.open(path)
    scrolled, seen = reader.run("return [document.documentElement.scrollWidth, innerWidth]")
    assert scrolled <= seen == screen[0]


@pytest.mark.parametrize(
    "path", [PUTIN, "/search?q=%D8%A7%D8%AA%D8%B5%D8%A7%D9%84+%D8%A7%D9%84%D8%B1%D8%A6%D9%8A%D8%B3"]
)
def test_a_mark_never_separates_joined_letters(reader: Reader, path: str) -> None:
    reader.open(path)
    assert len(reader.all("mark")) >= 5
    assert reader.run(CUT_WORDS) == []


def test_touch_targets_on_a_phone_are_large_enough(reader: Reader) -> None:
    reader.screen(*PHONE)
    reader.open(f"{FORMS}#facets")
    sizes = {
        (element.get_attribute("class") or element.tag_name): element.rect["height"]
        for selector in TARGETS
        for element in reader.all(selector)
        if element.is_displayed()
    }
    assert len(sizes) >= 10
    assert {name: height for name, height in sizes.items() if height < 44} == {}


def test_the_facets_on_a_phone_open_and_close_without_script(reader: Reader) -> None:
    reader.screen(*PHONE)
    reader.script(enabled=False)
    reader.open(PUTIN)
    assert not reader.find(".facets").is_displayed()
    reader.find(".sheet-open").click()
    assert reader.find(".facets").is_displayed()
    reader.find(".sheet-close").click()
    assert not reader.find(".facets").is_displayed()


@pytest.mark.parametrize("script", [True, False])
def test_searching_works_with_and_without_script(reader: Reader, script: bool) -> None:  # noqa: FBT001 - the case
    reader.script(enabled=script)
    reader.open("/")
    box = reader.find("#q")
    box.send_keys("بوتين")
    reader.follow(reader.find(".go"))
    assert len(reader.all(".hit")) == 5
    assert reader.find("#q").get_attribute("value") == "بوتين"


@pytest.mark.parametrize("script", [True, False])
def test_a_ticked_facet_applies_with_and_without_script(reader: Reader, script: bool) -> None:  # noqa: FBT001 - the case
    reader.script(enabled=script)
    reader.open(PUTIN)
    row = next(row for row in reader.all(".facet .value") if "قناة اليمن اليوم" in row.text)
    count = int(ascii_digits(row.find_element(By.CSS_SELECTOR, ".count").text))
    row.find_element(By.CSS_SELECTOR, "label").click()
    reader.follow(reader.find(".apply button"))
    assert len(reader.all(".hit")) == reader.total() == count == 1
    assert "قناة اليمن اليوم" in reader.find(".chips").text
    reader.follow(reader.find(".chip.chosen"))
    assert reader.total() == 5


def test_a_value_can_be_excluded(reader: Reader) -> None:
    reader.open(PUTIN)
    row = next(row for row in reader.all(".facet .value") if "قناة اليمن اليوم" in row.text)
    reader.follow(row.find_element(By.CSS_SELECTOR, ".not"))
    assert len(reader.all(".hit")) == reader.total() == 4
    assert "ليس" in reader.find(".chips").text


def test_a_form_is_unticked_and_ticked_again_without_script(reader: Reader) -> None:
    reader.script(enabled=False)
    reader.open(FORMS)
    total, form = reader.total(), reader.find(".forms .tick.ticked .name").text
    assert form in [mark.text for mark in reader.all("mark")]
    reader.follow(reader.find(".forms .tick.ticked"))
    assert "not_form=" in reader.chrome.current_url
    assert reader.all("mark")
    assert form not in [mark.text for mark in reader.all("mark")]
    dropped = reader.find(".forms .tick:not(.ticked)")
    assert dropped.find_element(By.CSS_SELECTOR, ".name").text == form
    assert dropped.find_element(By.CSS_SELECTOR, ".count").text == ""
    reader.follow(dropped)
    assert reader.total() == total


def test_selecting_one_form_leads_to_as_many_articles_as_it_shows(reader: Reader) -> None:
    reader.open(FORMS)
    rows = len(reader.all(".forms > ul > .value"))
    assert rows > 3
    for index in range(rows):
        reader.open(FORMS)
        row = reader.all(".forms > ul > .value")[index]
        count = int(ascii_digits(row.find_element(By.CSS_SELECTOR, ".count").text))
        reader.follow(row.find_element(By.CSS_SELECTOR, ".only"))
        assert reader.total() == count > 0
        assert [tick.get_attribute("class") for tick in reader.all(".forms .ticked")] == ["tick ticked"]


def test_values_are_searched_while_typing(reader: Reader) -> None:
    reader.open(FORMS)
    reader.find(".forms .find input[name=prefix]").send_keys("الر")
    WebDriverWait(reader.chrome, 15).until(lambda _: reader.all(".forms .matching .pick"))
    row = reader.find(".forms .matching .pick")
    label, count = (row.find_element(By.CSS_SELECTOR, part).text for part in (".name", ".count"))
    assert label.startswith("الر")
    reader.follow(row)
    assert reader.total() == int(ascii_digits(count)) > 0


def test_values_are_searched_on_a_separate_page_without_script(reader: Reader) -> None:
    reader.script(enabled=False)
    reader.open(FORMS)
    reader.find(".forms .find input[name=prefix]").send_keys("الر")
    reader.follow(reader.find(".forms .find button"))
    assert "/facets/form" in reader.chrome.current_url
    names = [name.text for name in reader.all(".finding .name")]
    assert names
    assert all("الر" in name for name in names)
    row = reader.find(".finding .value")
    count = int(ascii_digits(row.find_element(By.CSS_SELECTOR, ".count").text))
    reader.follow(row.find_element(By.CSS_SELECTOR, ".only"))
    assert reader.total() == count


def test_a_bar_opens_into_finer_ones_and_the_trail_leads_back(reader: Reader) -> None:
    reader.open("/search")
    bars = "return [...document.querySelectorAll('.timeline tbody th a')].map((link) => link.textContent)"
    whole, total = reader.run(bars), reader.total()
    # The month or week with the most articles.
    rows = reader.run(
        "return [...document.querySelectorAll('.timeline tbody tr')].map((row) => row.querySelector('td').textContent)"
    )
    counts = [int(ascii_digits(row)) for row in rows]
    busiest = counts.index(max(counts))
    reader.find(".timeline summary").click()
    reader.follow(reader.all(".timeline tbody th a")[busiest])
    assert reader.total() == counts[busiest]
    assert set(reader.run(bars)).isdisjoint(whole)
    assert reader.find(".trail a").text == "كل المدة"
    reader.follow(reader.find(".trail a"))
    assert (reader.run(bars), reader.total()) == (whole, total)


def test_each_text_of_a_result_has_its_own_direction(reader: Reader) -> None:
    """A Latin word at the beginning of a snippet, or a source in Latin letters, does not change the direction."""
    reader.open(PUTIN)
    snippets = reader.all(".snippet")
    assert len(snippets) >= 5
    assert {snippet.value_of_css_property("direction") for snippet in snippets} == {"rtl"}
    assert {snippet.get_dom_attribute("dir") for snippet in snippets} == {"rtl"}
    for part in (".hit .title", ".hit .source"):
        assert all(element.get_dom_attribute("dir") in ("rtl", "ltr") for element in reader.all(part))
    # On each line an earlier mark is further to the right, the order of reading.
    assert reader.run(OUT_OF_ORDER) == []


def test_every_bar_leads_to_as_many_articles_as_it_shows(reader: Reader) -> None:
    reader.open(PUTIN)
    rows = len(reader.run("return [...document.querySelectorAll('.timeline tbody tr')].map((row) => row.innerText)"))
    assert rows >= 2
    for index in range(rows):
        reader.open(PUTIN)
        reader.find(".timeline summary").click()
        row = reader.all(".timeline tbody tr")[index]
        count = int(ascii_digits(row.find_element(By.CSS_SELECTOR, "td").text))
        reader.follow(row.find_element(By.CSS_SELECTOR, "a"))
        assert reader.total() == len(reader.all(".hit")) == count > 0


def test_a_bar_can_be_clicked(reader: Reader) -> None:
    reader.open(PUTIN)
    bar = reader.find(".timeline svg .column")
    reader.follow(bar)
    assert "from=" in reader.chrome.current_url
    assert 0 < reader.total() < 5


def test_keys_reach_the_box_and_the_results(reader: Reader) -> None:
    reader.open(PUTIN)
    focused = "return document.activeElement.id || document.activeElement.getAttribute('href')"
    ActionChains(reader.chrome).send_keys("/").perform()
    assert reader.run(focused) == "q"
    assert reader.find("#q").get_attribute("value") == "بوتين"
    ActionChains(reader.chrome).send_keys(Keys.ESCAPE).send_keys("jjk").perform()
    assert reader.run(focused) == reader.all(".title a")[0].get_dom_attribute("href")


def test_a_match_level_applies_at_once(reader: Reader) -> None:
    reader.open(PUTIN)
    reader.follow(reader.all(".pill")[0])
    assert "match=exact" in reader.chrome.current_url
    assert reader.find(".pill input:checked").get_attribute("value") == "exact"


@pytest.mark.parametrize("script", [True, False])
def test_the_tiers_lead_to_the_levels_that_count_them(reader: Reader, script: bool) -> None:  # noqa: FBT001 - the case
    reader.script(enabled=script)
    reader.open(TIERS)
    shown = {pill.get_attribute("value"): pill for pill in reader.all(".pill input")}
    assert list(shown) == ["exact", "clitic", "lemma", "family", "root"]
    whole = int(ascii_digits(reader.find(".tiers b").text.strip("= ")))
    assert whole > reader.total()
    reader.follow(reader.find(".tiers a"))
    assert reader.total() == whole
    assert int(ascii_digits(reader.find(".pill input:checked + span b").text)) == whole


def test_an_article_opens_from_its_card(reader: Reader) -> None:
    reader.open(PUTIN)
    reader.follow(next(title for title in reader.all(".title a") if "هذا ما دار فيها" in title.text))
    assert reader.chrome.current_url.endswith(ARTICLE)
    assert "قناة اليمن اليوم" in reader.find(".facts").text
    assert len(reader.all(".text p")) > 5


def test_the_page_uses_its_own_fonts(reader: Reader) -> None:
    reader.open(PUTIN)
    faces = "document.fonts.ready.then(() => [...document.fonts].filter((face) => face.status === 'loaded')"
    loaded = set(reader.run(f"return {faces}.map((face) => face.family))"))
    assert {name.strip('"') for name in loaded} == {"Noto Naskh Arabic", "IBM Plex Sans Arabic"}


@pytest.mark.parametrize("script", [True, False])
def test_a_word_is_analyzed_step_by_step_with_and_without_script(reader: Reader, script: bool) -> None:  # noqa: FBT001 - the case
    reader.script(enabled=script)
    reader.open("/analyze")
    reader.find("#text").send_keys("وبالاتصالات")
    reader.follow(reader.find(".analyze .go"))
    forms = [form.text for form in reader.all(".way .form")]
    assert "و + ب + ال + اتصال + ات" in forms
    assert forms[-1] == "و-ص-ل"
    assert reader.find("#text").get_attribute("value") == "وبالاتصالات"


def test_the_steps_of_a_word_run_down_and_its_pieces_from_right_to_left(reader: Reader) -> None:
    reader.open(ANALYSIS)
    steps = [step.rect for step in reader.all(".word:first-of-type .way li")]
    assert [step["y"] for step in steps] == sorted(step["y"] for step in steps)
    pieces = [piece.rect["x"] for piece in reader.all(".word:first-of-type .way li:nth-child(3) .form bdi")]
    assert len(pieces) == 5
    assert pieces == sorted(pieces, reverse=True)


def test_a_step_links_to_its_search_and_the_search_back_to_the_analysis(reader: Reader) -> None:
    reader.open(ANALYSIS)
    reader.follow(next(link for link in reader.all(".find") if "الجذر" in link.text))
    assert reader.find("#q").get_attribute("value") == "وبالاتصالات"
    assert reader.total() == 5
    reader.follow(reader.find(".how"))
    assert reader.find("#text").get_attribute("value") == "وبالاتصالات"


def test_links_of_the_steps_are_large_enough_for_touch(reader: Reader) -> None:
    reader.screen(*PHONE)
    reader.open(ANALYSIS)
    heights = [element.rect["height"] for selector in (".find", ".go") for element in reader.all(selector)]
    assert len(heights) > 10
    assert min(heights) >= 44
