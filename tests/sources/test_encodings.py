"""Encodings: given by the bytes, or assumed with a notice."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.sources.encodings import UndecodableError, decode
from tests.sources.conftest import SEEDS, ReadFile

SEED_TEXTS = sorted(SEEDS.glob("*.txt"))


@pytest.mark.parametrize("path", SEED_TEXTS, ids=lambda path: path.name[:3])
def test_windows_1256_is_decoded_equally_with_a_notice(read_file: ReadFile, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    run = read_file("a.txt", text.encode("cp1256"))
    assert run.one().text == text
    assert [notice.text for notice in run.notices] == ["not UTF-8: windows-1256 was assumed"]


@pytest.mark.parametrize(
    ("encoding", "name"), [("cp1256", "windows-1256"), ("iso8859_6", "ISO 8859-6"), ("cp720", "code page 720")]
)
@pytest.mark.parametrize("length", [60, 400])
def test_arabic_code_pages_are_distinguished(encoding: str, name: str, length: int) -> None:
    text = "قال الرئيس في مؤتمر صحفي إن المفاوضات بدأت على الفور لإنهاء الحرب وإن الاتصال كان جيدا. " * 5
    decoded = decode(text[:length].encode(encoding))
    assert (decoded.text, decoded.assumed) == (text[:length], name)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_encoding_given_by_the_bytes_is_not_assumed(encoding: str) -> None:
    decoded = decode("نص عربي".encode(encoding))
    assert (decoded.text, decoded.assumed) == ("نص عربي", "")


def test_western_text_is_read() -> None:
    text = "Le président de la République a été élu à Paris où il habite depuis longtemps."
    assert decode(text.encode("cp1252")).text == text


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("نص عربي سليم ثم بايت".encode() + b"\xff" + "نص".encode(), "damaged UTF-8"),
        (b"\xff\xfe\x00\xd8\x00\xd8", "marked as UTF-16"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "binary data"),
        (bytes(range(128, 256)) * 4, "neither UTF-8"),
    ],
)
def test_the_error_for_data_that_is_not_text_has_the_reason(data: bytes, says: str) -> None:
    with pytest.raises(UndecodableError, match=says):
        decode(data)


def test_single_lines_in_an_old_code_page_are_read(read_file: ReadFile) -> None:
    old = '{"id": "%s", "text": "نص عربي مكتوب في ترميز قديم جدا من زمن بعيد"}\n'
    run = read_file(
        "a.jsonl",
        '{"id": "1", "text": "نص"}\n'.encode() + (old % "2").encode("cp1256") + (old % "3").encode("cp1256"),
    )
    assert run.ids == ["1", "2", "3"]
    assert run.documents[1].text == run.documents[2].text == "نص عربي مكتوب في ترميز قديم جدا من زمن بعيد"
    assert [notice.text for notice in run.notices] == ["not UTF-8: windows-1256 was assumed"]
