"""Every kind of file: its articles, their ids and fields."""

from __future__ import annotations

import datetime as dt
import gzip
import html
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from index.document import Basis, Document, Evidence
from index.errors import SourceError
from index.sources import ArticleReader
from tests.sources.conftest import SEEDS, TODAY, ZONE, ReadFile, read_paths

FIELDS = {
    "id": "a1",
    "title": "عنوان <b>&amp;</b>",
    "text": "نص المقال.\r\n وفيه سطران ",
    "source": "الشرق الأوسط",
    "date": "2015-07-21 02:51:32",
    "author": "واس - الرياض",
    "section": "اقتصاد",
    "url": "http://example.com/1",
}
ROW = Document(
    id="a1",
    text="نص المقال.\r\n وفيه سطران ",
    title="عنوان <b>&amp;</b>",
    title_basis=Basis.GIVEN,
    source="الشرق الأوسط",
    source_basis=Basis.GIVEN,
    published=dt.datetime(2015, 7, 21, 2, 51, 32, tzinfo=ZONE),
    published_basis=Basis.GIVEN,
    author="واس - الرياض",
    section="اقتصاد",
    url="http://example.com/1",
    agencies=("واس",),
    evidence=(Evidence("agency", "واس", "واس - الرياض"),),
)
PARAGRAPHS = "".join(
    f"<p>فقرة رقم {number} من المقال الذي يتحدث عن السياسة والاقتصاد في العالم العربي وما يجري فيه اليوم.</p>"
    for number in range(5)
)


def page(head: str = "", canonical: str = "https://example.com/2019/05/06/a", charset: str = "utf-8") -> str:
    return (
        f'<!doctype html><html><head><meta charset="{charset}"><title>عنوان الصفحة</title>{head}'
        f'<link rel="canonical" href="{canonical}"><meta property="og:site_name" content="قناة الاختبار">'
        '<meta name="author" content="أحمد علي"></head><body><nav><a href="/">القائمة الرئيسية</a></nav>'
        f"<article><h1>عنوان الصفحة</h1>{PARAGRAPHS}</article><script>var day = '2018-01-01';</script></body></html>"
    )


def feed(*items: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>خلاصة الأخبار</title>'
        f"<link>https://example.com</link><description>وصف</description>{''.join(items)}</channel></rss>"
    )


def same(document: Document, expected: Document) -> bool:
    return document.content_hash() == expected.content_hash()


def test_json_lines_give_every_field(read_file: ReadFile) -> None:
    assert same(read_file("a.jsonl", json.dumps(FIELDS)).one(), ROW)


def test_compressed_json_lines_give_every_field(read_file: ReadFile) -> None:
    assert same(read_file("a.jsonl.gz", gzip.compress(json.dumps(FIELDS).encode())).one(), ROW)


def test_json_lines_need_only_id_and_text(read_file: ReadFile) -> None:
    document = read_file("a.jsonl", '{"id": 7, "text": "نص", "title": null, "source": "", "category": "رياضة"}').one()
    assert document.id == "7"
    assert (document.title, document.source, document.published, document.section) == ("", None, None, "رياضة")


SAID = "inferred: 'أمس'; from the next day; source stated: 'عن: جريدة'"


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_lines_and_tables_may_give_the_basis_of_their_values(read_file: ReadFile, name: str) -> None:
    fields = {"id": "1", "text": "نص", "source": "جريدة", "date": "2020-01-02", "date_basis": SAID}
    table = f"{','.join(fields)}\n{','.join(fields.values())}\n"
    document = read_file(name, table if name.endswith("csv") else json.dumps(fields)).one()
    assert (document.published_basis, document.source_basis) == (Basis.INFERRED, Basis.STATED)
    assert document.evidence == (
        Evidence("source", "جريدة", "عن: جريدة"),
        Evidence("published", "2020-01-02", "'أمس'; from the next day"),
    )


def test_json_lines_may_be_utf_16_or_begin_with_a_mark(read_file: ReadFile) -> None:
    assert read_file("a.jsonl", '{"id": "1", "text": "نص"}\n{"id": "2", "text": "نص"}'.encode("utf-16")).ids == [
        "1",
        "2",
    ]
    assert read_file("b.jsonl", '{"id": "1", "text": "نص"}'.encode("utf-8-sig")).ids == ["1"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_tables_give_every_field(read_file: ReadFile, delimiter: str) -> None:
    cells = delimiter.join(f'"{value}"' for value in FIELDS.values())
    assert same(read_file("a.csv", f"\ufeff{delimiter.join(FIELDS).upper()}\r\n{cells}\r\n").one(), ROW)


def test_long_cells_are_read(read_file: ReadFile) -> None:
    assert len(read_file("a.csv", f"id,text\n1,{'ب' * 500_000}\n").one().text) == 500_000


def test_texts_are_named_by_their_path_below_the_folder(tmp_path: Path) -> None:
    for name in ("b.txt", "a/2.txt", "a/1.TXT", ".hidden/x.txt", ".x.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("نص المقال.", encoding="utf-8")
    assert read_paths(tmp_path).ids == ["b", "a/1", "a/2"]
    assert read_paths(tmp_path / "a" / "2.txt").ids == ["2"]


def test_a_manifest_gives_fields_and_their_basis(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("a.txt", "sub/b.txt", "c.txt"):
        (tmp_path / name).write_text("نص المقال.", encoding="utf-8")
    (tmp_path / "manifest.csv").write_text(
        "file,title,source,date,date_basis,author,section,url,id\n"
        "a.txt,عنوان,جريدة,2020-01-02,,كاتب,ثقافة,http://example.com,X1\n"
        "sub/b.txt,,جريدة,2020-01-02,inferred: 'أمس'; from the next day,,,,\n"
        "gone.txt,,,,,,,,\n",
        encoding="utf-8",
    )
    run = read_paths(tmp_path)
    first, third, second = run.documents
    assert (first.id, first.title, first.author, first.section) == ("X1", "عنوان", "كاتب", "ثقافة")
    assert (first.published_basis, first.evidence) == (Basis.GIVEN, ())
    assert (second.id, second.published_basis) == ("sub/b", Basis.INFERRED)
    assert second.evidence == (Evidence("published", "2020-01-02", "'أمس'; from the next day"),)
    assert (third.id, third.source) == ("c", None)
    assert [notice.text for notice in run.notices] == ['1 files named here are missing, first "gone.txt"']


def test_a_first_line_is_a_stated_title(read_file: ReadFile) -> None:
    document = read_file("a.txt", "عنوان المقال\nنص المقال الذي ينتهي بنقطة.").one()
    assert (document.title, document.title_basis) == ("عنوان المقال", Basis.STATED)
    assert document.text.startswith("عنوان المقال\n")
    assert document.evidence == (Evidence("title", "عنوان المقال", "عنوان المقال"),)


def test_pages_give_main_text_and_metadata(read_file: ReadFile) -> None:
    document = read_file(
        "a.html", page('<meta property="article:published_time" content="2025-02-12T10:00:00+03:00">')
    ).one()
    assert document.id == document.url == "https://example.com/2019/05/06/a"
    assert (document.title, document.source, document.author) == ("عنوان الصفحة", "قناة الاختبار", "أحمد علي")
    assert document.published == dt.datetime(2025, 2, 12, 7, tzinfo=dt.UTC)
    assert {document.title_basis, document.source_basis, document.published_basis} == {Basis.GIVEN}
    assert "فقرة رقم 4" in document.text
    assert "القائمة الرئيسية" not in document.text


def test_pages_state_their_date_in_linked_data_too(read_file: ReadFile) -> None:
    data = json.dumps({"@graph": [{"@type": "WebPage"}, {"@type": "NewsArticle", "datePublished": "2025-02-13"}]})
    document = read_file("a.html", page(f'<script type="application/ld+json">{data}</script>')).one()
    assert document.published == dt.date(2025, 2, 13)


def test_no_date_is_inferred_from_address_script_or_text(read_file: ReadFile) -> None:
    assert read_file("a.html", page()).one().published is None


@pytest.mark.parametrize(
    ("end", "author"),
    [('"}', "سعاد محمد"), ('"', None), (f'{"<" * 12}"}}', None)],
    ids=["whole", "cut off", "with tags without end"],
)
def test_long_linked_data_of_a_page_counts_if_it_is_sound(read_file: ReadFile, end: str, author: str | None) -> None:
    person = '{"@type": "Person", "name": "سعاد محمد"}'
    data = f'{{"@context": "https://schema.org", "@type": "NewsArticle", "author": {person}, "articleBody": "'
    script = f'<script type="application/ld+json">{data}{"كلمة " * 5_000}{end}</script>'
    markup = page(script).replace('<meta name="author" content="أحمد علي">', "")
    assert read_file("a.html", markup).one().author == author


def test_metadata_of_a_page_out_of_proportion_is_left_out(read_file: ReadFile) -> None:
    words = "كلمة " * 5_000
    markup = page().replace("أحمد علي", words).replace("<title>عنوان الصفحة</title>", f"<title>{words}</title>")
    document = read_file("a.html", markup).one()
    assert (document.title, document.author) == ("عنوان الصفحة", None)


def test_a_page_of_very_many_paragraphs_is_read(read_file: ReadFile) -> None:
    document = read_file("a.html", page().replace(PARAGRAPHS, PARAGRAPHS * 700)).one()
    assert "فقرة رقم 4" in document.text


def test_a_future_date_of_a_page_is_rejected_with_a_notice(read_file: ReadFile) -> None:
    run = read_file("a.html", page('<meta property="article:published_time" content="2199-02-12">'))
    assert run.one().published is None
    assert "lies in the future" in run.notices[0].text


def test_a_page_is_named_by_its_path_when_its_address_is_too_long(read_file: ReadFile) -> None:
    assert read_file("a.html", page(canonical="https://example.com/" + "a" * 200)).one().id == "a.html"


def test_a_page_is_read_in_the_encoding_it_declares(read_file: ReadFile) -> None:
    run = read_file("a.html", page(charset="windows-1256").encode("cp1256"))
    assert run.one().title == "عنوان الصفحة"
    assert run.notices == ()


def test_feeds_give_their_entries(read_file: ReadFile) -> None:
    run = read_file(
        "a.rss",
        feed(
            "<item><title>خبر أول</title><link>https://example.com/1</link><guid>g1</guid>"
            "<pubDate>Wed, 12 Feb 2025 14:00:00 GMT</pubDate><category>سياسة</category>"
            "<description><![CDATA[<p>فقرة&nbsp;أولى</p><p>فقرة <b>ثانية</b><script>x()</script></p>]]></description>"
            "</item>",
            "<item><title>خبر ثان</title><link>https://example.com/2</link></item>",
        ),
    )
    first, second = run.documents
    assert (first.id, first.title, first.text) == ("g1", "خبر أول", "فقرة أولى\nفقرة ثانية")
    assert (first.source, first.source_basis) == ("خلاصة الأخبار", Basis.GIVEN)
    assert (first.published, first.published_basis) == (dt.datetime(2025, 2, 12, 14, tzinfo=dt.UTC), Basis.GIVEN)
    assert (first.url, first.section) == ("https://example.com/1", "سياسة")
    assert (second.id, second.text, second.published) == ("https://example.com/2", "", None)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<b>خبر</b> أول", "خبر أول"),
        ("خبر<script>alert(1)</script><style>p{}</style>", "خبر"),
        ("خبر<img src=x onerror='alert(1)'>", "خبر"),
        ("خبر<!-- <script> -->", "خبر"),
        ("خبر <scr<script>ipt>alert(1)</script>", "خبر ipt>alert(1)"),
        ("أ &amp; ب", "أ & ب"),
        ("أ & ب", "أ & ب"),
        ("<![CDATA[<p>خبر</p>]]>", "خبر"),
        ("5 < 6", "5 < 6"),
    ],
)
def test_no_tag_of_a_feed_reaches_an_article(read_file: ReadFile, markup: str, text: str) -> None:
    escaped = html.escape(markup)
    item = f"<item><guid>1</guid><title>{escaped}</title><description>{escaped}</description></item>"
    document = read_file("a.xml", f"<rss version='2.0'><channel><title>{escaped}</title>{item}</channel></rss>").one()
    assert (document.title, document.text, document.source) == (text, text, text)


def test_a_damaged_feed_is_refused_whatever_its_reader_raises(read_file: ReadFile) -> None:
    for reference in ("&#99999999;", "&#xD800;", f"&#{'1' * 5_000};"):
        run = read_file("a.xml", feed(f"<item><guid>1</guid><title>خبر {reference}</title></item>"))
        assert run.documents == ()
        assert "save it again" in run.reasons[0]


def test_the_last_change_of_an_entry_is_an_inferred_date(read_file: ReadFile) -> None:
    document = read_file(
        "a.atom",
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>أتوم</title><entry><id>urn:1</id>'
        "<title>عنوان</title><updated>2025-02-12T14:00:00Z</updated>"
        '<content type="html">&lt;p&gt;نص&lt;/p&gt;</content>'
        "</entry></feed>",
    ).one()
    assert (document.id, document.text, document.url) == ("urn:1", "نص", None)
    assert document.published_basis is Basis.INFERRED
    assert document.evidence[0].words == "updated: 2025-02-12T14:00:00Z"


def test_a_folder_holds_all_kinds_in_order(tmp_path: Path) -> None:
    (tmp_path / "1.txt").write_text("نص.", encoding="utf-8")
    (tmp_path / "2.jsonl").write_text('{"id": "j", "text": "نص"}', encoding="utf-8")
    (tmp_path / "3.csv").write_text("id,text\nc,نص\n", encoding="utf-8")
    (tmp_path / "4.html").write_text(page(), encoding="utf-8")
    (tmp_path / "5.xml").write_text(feed("<item><title>ع</title><guid>f</guid></item>"), encoding="utf-8")
    (tmp_path / "6.pdf").write_bytes(b"%PDF")
    run = read_paths(tmp_path)
    assert run.ids == ["1", "j", "c", "https://example.com/2019/05/06/a", "f"]
    assert [notice.text for notice in run.notices] == ["skipped files of unsupported kinds: 1 .pdf"]
    assert [Path(document.origin).name for document in run.documents] == [
        "1.txt",
        "2.jsonl",
        "3.csv",
        "4.html",
        "5.xml",
    ]


def test_a_loop_of_links_is_visited_once(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text("نص.", encoding="utf-8")
    (tmp_path / "sub" / "loop").symlink_to("..")
    assert read_paths(tmp_path).ids == ["sub/a"]


def test_a_file_given_twice_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("نص.", encoding="utf-8")
    run = read_paths(tmp_path, tmp_path / "a.txt")
    assert (run.ids, run.refusals) == (["a"], ())


def missing(folder: Path) -> Path:
    return folder / "missing"


def unknown_kind(folder: Path) -> Path:
    path = folder / "a.pdf"
    path.write_bytes(b"%PDF")
    return path


def below_a_file(folder: Path) -> Path:
    return unknown_kind(folder) / "x"


@pytest.mark.parametrize(
    ("path_in", "says"),
    [(missing, "check the path"), (unknown_kind, "give a folder or a file of: .txt"), (below_a_file, "check the path")],
)
def test_a_path_that_cannot_be_read_is_an_error(tmp_path: Path, path_in: Callable[[Path], Path], says: str) -> None:
    with pytest.raises(SourceError, match=says):
        ArticleReader([path_in(tmp_path)], zone=ZONE, today=TODAY)


def test_the_fraction_grows_to_one(tmp_path: Path) -> None:
    packed = gzip.compress(
        b"".join(b'{"id": "%d", "text": "%s"}\n' % (n, os.urandom(40).hex().encode()) for n in range(20_000))
    )
    (tmp_path / "a.jsonl.gz").write_bytes(packed)
    (tmp_path / "b.txt").write_text("نص.", encoding="utf-8")
    reader = ArticleReader([tmp_path], zone=ZONE, today=TODAY)
    fractions = [reader.fraction for _ in reader.read()]
    assert fractions == sorted(fractions)
    assert len(set(fractions)) > 2, "a compressed file counts while it is read"
    assert 0 < fractions[0] < fractions[-1]
    assert reader.fraction == 1.0


def test_origins_cover_only_the_given_paths(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("نص.", encoding="utf-8")
    run = read_paths(tmp_path / "in")
    origins = run.reader.origins()
    assert origins.covers(run.one().origin)
    assert origins.covers(str(tmp_path / "in" / "gone.txt"))
    assert not origins.covers(str(tmp_path / "in2" / "a.txt"))
    assert not origins.covers(str(tmp_path / "b.txt"))


def test_a_folder_that_cannot_be_listed_is_not_covered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    (tmp_path / "a.txt").write_text("نص.", encoding="utf-8")
    scandir = os.scandir

    def refusing(path: str) -> object:
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied", str(closed))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    run = read_paths(tmp_path)
    assert run.ids == ["a"]
    assert run.reasons == ["folder cannot be read: Permission denied; check its permissions"]
    assert not run.reader.origins().covers(str(closed / "x.txt"))


def test_reading_fetches_nothing(read_file: ReadFile, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_: object) -> None:
        pytest.fail("a reader opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    item = (
        '<item><title>ع</title><guid>f</guid><description>&lt;img src="http://example.com/x"&gt;</description></item>'
    )
    read_file("a.rss", feed(item))
    read_file("b.html", page('<link rel="stylesheet" href="http://example.com/x.css">'))


def test_the_seeds_have_absolute_origins() -> None:
    assert all(Path(document.origin).is_absolute() for document in read_paths(SEEDS).documents)


@pytest.mark.parametrize("author", ["عكاظ (جدة)", "&nbsp;عكاظ (جدة)", "  عكاظ&#160;(جدة)\u00a0", "عكاظ\x1f(جدة)"])
def test_an_author_with_and_without_entities_is_one_value(read_file: ReadFile, author: str) -> None:
    line = json.dumps({"id": "1", "text": "نص", "author": author})
    assert read_file("a.jsonl", line).one().author == "عكاظ (جدة)"
