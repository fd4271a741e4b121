"""Bad input gets a clear refusal or notice, and everything else is indexed."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path

import pytest

from index.sources import streams
from index.sources.articles import MAX_TEXT
from tests.sources.conftest import SEEDS, ReadFile, read_paths

GOOD = '{"id": "good", "text": "نص"}'
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb0043") + bytes(range(255, 0, -1)) * 8


@pytest.mark.parametrize(
    ("line", "document_id", "reason"),
    [
        ('{"id": "e", "text": "", "title": " "}', "e", "no text and no title"),
        ('{"text": "نص"}', "", "no id"),
        ('{"id": " ", "text": "نص"}', "", "no id"),
        ('{"id": "a\\nb", "text": "نص"}', "a b", "control characters in the id"),
        ('{"id": "a\\u0000b", "text": "نص"}', "a\ufffdb", "control characters in the id"),
        ('{"id": "\\ud800", "text": "نص"}', "\ufffd", "control characters in the id"),
        (json.dumps({"id": "x" * 201, "text": "نص"}), "x" * 199 + "…", "id of 201 code points"),
        ('{"id": true, "text": "نص"}', "", 'field "id" is true or false'),
        ('{"id": 1.5, "text": "نص"}', "", 'field "id" is a fraction'),
        ('{"id": "l", "text": ["نص"]}', "l", 'field "text" is a list'),
        ('{"id": "o", "text": "نص", "source": {}}', "o", 'field "source" is an object'),
        ('["id"]', "", "not a JSON object"),
        ("12", "", "not a JSON object"),
        ('{"id": "b", "text": ', "", "broken JSON"),
        ("[" * 100_000, "", "JSON"),
        ("9" * 10_000, "", "JSON"),
        ('{"id": "good", "text": "آخر"}', "good", "duplicate id in this run; first at"),
    ],
)
def test_a_bad_line_is_refused_alone(read_file: ReadFile, line: str, document_id: str, reason: str) -> None:
    run = read_file("a.jsonl", f'{GOOD}\n\n{line}\n{{"id": "last", "text": "نص"}}')
    assert run.ids == ["good", "last"]
    (refusal,) = run.refusals
    assert refusal.document_id == document_id
    assert refusal.reason.startswith(reason)
    assert refusal.origin.endswith("a.jsonl:3")


def test_the_refusal_of_a_duplicate_names_the_location_of_the_first(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(GOOD, encoding="utf-8")
    (tmp_path / "b.jsonl").write_text(GOOD, encoding="utf-8")
    run = read_paths(tmp_path)
    assert run.reasons == [f"duplicate id in this run; first at {tmp_path.resolve() / 'a.jsonl'}:1"]


def test_an_article_refused_does_not_take_its_id(read_file: ReadFile) -> None:
    assert read_file("a.jsonl", f'{{"id": "good", "text": ""}}\n{GOOD}').ids == ["good"]


def test_a_title_without_text_is_indexed(read_file: ReadFile) -> None:
    assert read_file("a.jsonl", '{"id": "1", "title": "عنوان", "text": null}').one().text == ""


def test_characters_that_cannot_be_stored_are_replaced_one_by_one(read_file: ReadFile) -> None:
    run = read_file("a.jsonl", '{"id": "1", "text": "أ\\u0000ب\\ud800ج\\t\\r\\nد\\u001f"}')
    assert run.one().text == "أ ب\ufffdج\t\r\nد "
    assert len(run.notices) == 1


def test_markup_and_direction_marks_in_a_title_stay(read_file: ReadFile) -> None:
    title = "\u202e<script>&amp;\u202c"
    assert read_file("a.jsonl", json.dumps({"id": "1", "text": "نص", "title": title})).one().title == title


@pytest.mark.parametrize(
    ("date", "fault"),
    [
        ("2103-01-01", "lies in the future"),
        ("2025-12-03", "lies in the future"),
        ("32/13/2015", "is not a date that exists"),
        ("1799-12-31", "lies before 1800"),
        ("تموز", "is not a date that exists"),
        ("2015-07", "names no day"),
        ("2015", "names no day"),
        ("\ud800", "is not a date that exists"),
    ],
)
def test_an_impossible_date_leaves_the_article_undated(read_file: ReadFile, date: str, fault: str) -> None:
    run = read_file("a.jsonl", json.dumps({"id": "1", "text": "نص", "date": date}))
    assert (run.one().published, run.one().published_basis) == (None, None)
    assert fault in run.notices[0].text
    run.notices[0].text.encode()


def test_tomorrow_is_not_the_future(read_file: ReadFile) -> None:
    run = read_file("a.jsonl", '{"id": "1", "text": "نص", "date": "2025-12-02"}')
    assert run.one().published is not None


@pytest.mark.parametrize("url", ["javascript:alert(1)", "java\tscript:alert(1)", " data:text/html,x", "file:///etc"])
def test_an_address_that_is_not_a_web_address_is_left_out(read_file: ReadFile, url: str) -> None:
    run = read_file("a.jsonl", json.dumps({"id": "1", "text": "نص", "url": url}))
    assert run.one().url is None
    assert "not a web address" in run.notices[0].text


def test_a_source_of_a_thousand_letters_is_left_out(read_file: ReadFile) -> None:
    run = read_file("a.jsonl", json.dumps({"id": "1", "text": "نص", "source": "ب" * 1000, "author": "-"}))
    assert (run.one().source, run.one().author) == (None, None)
    assert len(run.notices) == 1


def test_a_text_over_the_limit_is_refused(read_file: ReadFile) -> None:
    run = read_file("a.jsonl", f'{GOOD}\n{{"id": "long", "text": "{"x" * (MAX_TEXT + 1)}"}}')
    assert run.ids == ["good"]
    assert (run.refusals[0].document_id, run.refusals[0].reason[:22]) == ("long", "text of 10000001 code ")


def test_a_line_of_a_hundred_megabytes_is_skipped_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(f'{GOOD}\n{{"id": "huge", "text": "'.encode())
        for _ in range(100):
            file.write(b"x" * 2**20)
        file.write(b'"}\n{"id": "last", "text": "x"}\n')
    tracemalloc.start()
    run = read_paths(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert run.ids == ["good", "last"]
    assert run.refusals[0].origin.endswith(":2")
    assert "more than 64 MB" in run.refusals[0].reason
    assert run.reader.failed_origins == {str(path)}
    assert peak < 250 * 2**20


def test_a_truncated_compressed_file_yields_the_lines_before(read_file: ReadFile) -> None:
    lines = "".join(json.dumps({"id": str(n), "text": f"{n * 7919 % 1000003:x}" * 9}) + "\n" for n in range(20_000))
    packed = gzip.compress(lines.encode())
    run = read_file("a.jsonl.gz", packed[: len(packed) // 2])
    assert len(run.documents) > 5_000
    assert run.ids == [str(n) for n in range(len(run.documents))]
    assert len(run.refusals) == 1
    assert "truncated" in run.refusals[0].reason
    assert run.reader.failed_origins == {run.documents[0].origin}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", b"", "empty file"),
        ("a.jsonl", b"", "empty file"),
        ("a.txt", JPEG, "binary data"),
        ("a.txt", bytes(range(256)) * 8, "binary data"),
        ("a.txt", b"\0" * 500, "binary data"),
        ("a.txt", "نص مقطوع".encode()[:-1], "damaged UTF-8 at byte 13"),
        ("a.txt", b"\xff\xfe\x00\xd8", "marked as UTF-16"),
        ("a.html", JPEG, "binary data"),
        ("a.html", b"<html></html>", "no article is found"),
        ("a.xml", b"<a><b/></a>", "not an RSS or Atom feed"),
        ("a.rss", b"plain words", "not an RSS or Atom feed"),
        ("a.jsonl.gz", b"plain words", "the compressed file is damaged"),
        ("a.csv", b"name,words\n1,2\n", 'no column "id"'),
        ("a.csv", b"id,words\n1,2\n", 'no column "text" or "title"'),
    ],
)
def test_a_bad_file_is_refused_and_excluded_from_sync(
    read_file: ReadFile, name: str, content: bytes, reason: str
) -> None:
    run = read_file(name, content)
    assert run.documents == ()
    assert run.reasons[0].startswith(reason), run.reasons
    assert len(run.reader.failed_origins) == 1


def test_a_refused_text_is_named(read_file: ReadFile) -> None:
    assert read_file("a.txt", b"\0" * 500).refusals[0].document_id == "a"
    assert read_file("b.txt", b" \n ").refusals[0].document_id == "b"


def test_a_few_controls_do_not_make_a_text_binary(read_file: ReadFile) -> None:
    run = read_file("a.txt", "نص طويل فيه حرف واحد\0 لا يخزن وما بعده يبقى كما هو.")
    assert "واحد  لا" in run.one().text
    assert len(run.notices) == 1


def test_a_file_over_the_limit_is_refused(read_file: ReadFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MAX_FILE", 1000)
    assert read_file("a.txt", "ب" * 1000).reasons == ["larger than 0 MB; split it"]


def test_a_dangling_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to("nowhere.txt")
    (tmp_path / "b.txt").write_text("نص.", encoding="utf-8")
    run = read_paths(tmp_path)
    assert run.ids == ["b"]
    assert run.reasons == ["not a regular file or a dangling link; remove or correct it"]


@pytest.mark.parametrize(
    ("row", "document_id", "reason"),
    [
        ("2,نص,x,y", "2", "4 cells under 2 columns"),
        ('2,"نص" x', "", "broken CSV"),
        (",نص", "", "no id"),
        ("2,", "2", "no text and no title"),
        ("1,نص", "1", "duplicate id"),
    ],
)
def test_a_bad_row_is_refused_alone(read_file: ReadFile, row: str, document_id: str, reason: str) -> None:
    run = read_file("a.csv", f"id,text\n1,نص\n{row}\n3,نص\n")
    assert run.ids == ["1", "3"]
    (refusal,) = run.refusals
    assert refusal.document_id == document_id
    assert refusal.reason.startswith(reason)
    assert refusal.origin.endswith("a.csv:3")


def test_an_unclosed_quotation_mark_names_its_line(read_file: ReadFile) -> None:
    run = read_file("a.csv", 'id,text\n1,نص\n2,"نص\n3,نص\n')
    assert run.ids == ["1"]
    assert run.reasons == ["a quotation mark is opened here and never closed; close it"]
    assert run.refusals[0].origin.endswith(":3")


def test_lines_of_a_broken_cell_are_not_articles(read_file: ReadFile) -> None:
    run = read_file("a.csv", 'id,title,text\n1,ع,"قال "نعم" ثم\nسكت, وهو\nخارج"\n2,ع,نص\n')
    assert run.ids == ["2"]
    inside = read_file("b.csv", 'id,title,text\n1,ع,"سطر\nقال "نعم" ثم\nx,y,z"\n2,ع,نص\n')
    assert inside.ids == []
    assert inside.refusals[0].origin.endswith("b.csv:2")


def test_a_row_of_undecodable_bytes_is_refused_alone(read_file: ReadFile) -> None:
    run = read_file("a.csv", "id,text\n1,نص\n2,".encode() + b"\xff\0\xfe\n" + "3,نص\n".encode())
    assert run.ids == ["1", "3"]
    assert len(run.reader.failed_origins) == 1


def test_a_manifest_without_files_is_reported_and_the_texts_are_indexed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("نص.", encoding="utf-8")
    (tmp_path / "manifest.csv").write_text("name,title\na.txt,عنوان\n", encoding="utf-8")
    run = read_paths(tmp_path)
    assert run.ids == ["a"]
    assert run.reasons == ['the manifest has no column "file"; add it to its first line']


def test_a_truncated_feed_yields_its_complete_entries(read_file: ReadFile) -> None:
    run = read_file(
        "a.rss",
        '<?xml version="1.0"?><rss version="2.0"><channel><title>خ</title>'
        "<item><title>أول</title><guid>1</guid></item><item><title>ثان</ti",
    )
    assert "1" in run.ids
    assert run.reasons[-1].startswith("the feed is truncated or damaged")
    assert len(run.reader.failed_origins) == 1


def test_an_entry_without_identity_is_refused(read_file: ReadFile) -> None:
    run = read_file(
        "a.rss", '<rss version="2.0"><channel><title>خ</title><item><title>ع</title></item></channel></rss>'
    )
    assert run.reasons == ["no id; give every article one of its own"]


def test_a_bad_file_does_not_affect_the_others(tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_bytes(JPEG)
    (tmp_path / "good.txt").write_bytes((SEEDS / "000_ad51391c0478e70a.txt").read_bytes())
    run = read_paths(tmp_path)
    assert run.ids == ["good"]
    assert run.reader.failed_origins == {str(tmp_path.resolve() / "bad.txt")}
