"""Direction overrides in articles and queries have no effect where a person sees them, and are kept for programs."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from tests.web.library import get_json, library, search
from web.bidi import exact, html_bytes, json_answer, json_bytes

CONTROLS = "".join(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
HOSTILE = {
    field: f"{word[:2]}{CONTROLS}{word[2:]} \u202e{field}\u202c"
    for field, word in {
        "id": "معرف", "title": "عنوان", "source": "صحيفة", "author": "كاتبة", "section": "ثقافة", "text": "وصل الوزير",
    }.items()
}  # fmt: skip
QUERY = "الو\u202eز\u2066ير"
EVERYWHERE = {"source": "source", "author": "author", "section": "section"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    article = {
        **HOSTILE,
        "text": f"{HOSTILE['text']} إلى الق\u202eاهرة أمس\n\nإقرأ أيضاً: \u2067خبر آخر\n\nنقلت رويترز\u202e أن الوزير",
        "url": f"https://example.org/{CONTROLS}x",
        "date": "2024-03-01",
    }
    others = [{"id": f"{number}", "text": "غادر الوزير", "source": f"س\u202e{number}"} for number in range(12)]
    with library(tmp_path_factory.mktemp("hostile"), [article, *others]) as client:
        yield client


def pages() -> list[str]:
    text = quote(QUERY)
    filters = "".join(f"&{name}={quote(HOSTILE[field])}" for name, field in EVERYWHERE.items())
    return [
        "/",
        f"/search?q={text}",
        f"/search?q={text}{filters}&sort=newest",
        f"/search?q={text}&not_source={quote(HOSTILE['source'])}&form={quote(QUERY)}&not_form={quote(CONTROLS)}",
        f"/search?q={quote(CONTROLS + ' «لا شيء' + CONTROLS + '» كلمة' + CONTROLS + '*')}",
        *(f"/facets/{name}?q={text}&prefix={quote(CONTROLS)}" for name in (*EVERYWHERE, "agency", "form")),
        f"/facets/source?prefix=%E2%80%AE{quote('س')}",
        f"/articles/{quote(HOSTILE['id'])}",
        f"/analyze?text={quote(HOSTILE['text'])}",
        f"/analyze?text={quote(CONTROLS)}",
        f"/search?q={text}&from={quote(CONTROLS)}&page={quote(CONTROLS)}",
        f"/articles/{quote(CONTROLS)}",
        f"/{quote(CONTROLS)}",
    ]


class Visible(HTMLParser):
    """Collects the text of a page and the attributes that a person sees or hears."""

    SHOWN = ("title", "placeholder", "alt", "aria-label", "aria-description", "href", "dir")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.parts += [attributes[name] or "" for name in self.SHOWN if name in attributes]
        if tag == "input" and attributes.get("type") in ("search", "text"):
            self.parts.append(attributes.get("value") or "")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


@pytest.mark.parametrize("address", pages())
def test_no_page_shows_or_contains_an_override(client: FlaskClient, address: str) -> None:
    page = client.get(address).text
    assert "<html" in page
    assert not set(CONTROLS) & set(page)
    assert not [part for part in Visible(page).parts if set(CONTROLS) & set(part)]


def test_the_hostile_article_is_on_the_pages_that_were_read(client: FlaskClient) -> None:
    found = client.get(f"/search?q={quote(QUERY)}").text
    read = client.get(f"/articles/{quote(HOSTILE['id'])}").text
    for field in ("title", "source", "author", "section"):
        shown = re.sub(f"[{CONTROLS}]", "", HOSTILE[field])
        assert shown in found, field
        assert shown in read, field
    for part in ("معرف id", "https://example.org/", "نقلت رويترز أن", "خبر آخر"):
        assert part in read
    assert '<mark data-level="exact">الوزير</mark>' in found


def test_overrides_neither_split_nor_join_words(client: FlaskClient) -> None:
    for q in ("القاهرة", "الق\u202eاهرة", "\u202eالقاهرة", "«وصل الوزير text إلى القاهرة»"):
        answer = search(client, q, match="exact")
        assert answer["total"]["value"] == 1, q
    (snippet,) = search(client, "القاهرة")["hits"][0]["snippets"]
    (mark,) = snippet["marks"]
    assert snippet["text"][mark["start"] : mark["end"]] == "الق\u202eاهرة"


def test_a_form_sends_back_the_exact_value(client: FlaskClient) -> None:
    page = client.get(f"/search?q={quote(QUERY)}&author={quote(HOSTILE['author'])}").text

    class Values(HTMLParser):
        values: dict[str, set[str | None]] = {}  # noqa: RUF012 - of this one page

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            attributes = dict(attrs)
            if tag == "input" and attributes.get("type") in ("checkbox", "hidden"):
                self.values.setdefault(attributes["name"] or "", set()).add(attributes["value"])

    parser = Values()
    parser.feed(page)
    for name, field in EVERYWHERE.items():
        assert HOSTILE[field] in parser.values[name]
        assert search(client, QUERY, **{name: HOSTILE[field]})["total"]["value"] == 1


def test_json_has_the_stored_text_and_its_bytes_have_no_override(client: FlaskClient) -> None:
    for address in (f"/api/v1/articles/{quote(HOSTILE['id'])}", f"/api/v1/search?q={quote(QUERY)}"):
        response = client.get(address)
        assert response.status_code == 200
        assert not set(CONTROLS) & set(response.text)
    article = get_json(client, f"/api/v1/articles/{quote(HOSTILE['id'])}")
    assert article["title"] == HOSTILE["title"]
    assert article["text"].startswith(HOSTILE["text"])
    assert article["author"] == HOSTILE["author"]


def test_a_value_of_a_form_is_escaped_and_exact() -> None:
    value = f'<"&{CONTROLS}\u200f\ud800>'
    assert html.unescape(exact(value)) == value
    assert not set(exact(value)) & set(f'<">{CONTROLS}')


def test_a_page_loses_overrides_and_nothing_else() -> None:
    text = "".join(map(chr, range(1, 0x3000))) + "\U0001f600"
    assert html_bytes(text).decode() == "".join(letter for letter in text if letter not in CONTROLS)
    assert html_bytes("ا\ud800") == "ا?".encode()


def test_escapes_in_json_mean_the_same_text() -> None:
    text = "".join(map(chr, range(1, 0x3000))) + "\U0001f600"
    written = json_bytes(json.dumps({text: text}, ensure_ascii=False)).decode()
    assert json.loads(written) == {text: text}
    assert not re.search(f"[\x00-\x1f\x7f-\x9f{CONTROLS}]", written)


def test_an_answer_with_half_an_emoji_is_escaped_as_any_other() -> None:
    text = f"\x7f\x9b{CONTROLS}\U0001f600"
    for value in (text, f"{text}\ud83d"):
        written = json_answer({"text": value, "number": 0.1})
        assert json.loads(written) == {"text": value, "number": 0.1}
        assert written.endswith(b"}\n")
        assert not re.search(f"[\x00-\x09\x7f-\x9f{CONTROLS}]", written.decode())
