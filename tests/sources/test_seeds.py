"""The five seeds have the metadata of their manifest and their texts."""

from __future__ import annotations

import datetime as dt

import pytest

from index.document import Basis, Document, Evidence
from tests.sources.conftest import SEEDS, read_paths


@pytest.fixture(scope="module")
def seeds() -> dict[str, Document]:
    run = read_paths(SEEDS)
    assert not run.refusals
    assert not run.notices
    return {document.id[:3]: document for document in run.documents}


def test_ids_are_the_file_names_without_suffix(seeds: dict[str, Document]) -> None:
    assert [document.id for document in seeds.values()] == [
        "000_ad51391c0478e70a",
        "001_3e5401b0e91f3fad",
        "002_89aaa673857e5ad5",
        "003_2f2a242755a9d746",
        "004_c2891e5a9894b71a",
    ]


def test_texts_are_the_unchanged_files(seeds: dict[str, Document]) -> None:
    for document in seeds.values():
        assert document.text == (SEEDS / f"{document.id}.txt").read_bytes().decode()


@pytest.mark.parametrize(
    ("seed", "agencies"),
    [
        ("000", ("تاس",)),
        ("001", ("فرانس برس",)),
        ("002", ("CNN",)),
        ("003", ()),
        ("004", ("ريا نوفوستي", "تاس", "روسيا اليوم", "فرانس برس")),
    ],
)
def test_cited_agencies(seeds: dict[str, Document], seed: str, agencies: tuple[str, ...]) -> None:
    assert seeds[seed].agencies == agencies


@pytest.mark.parametrize(
    ("seed", "day", "basis"),
    [
        ("000", dt.date(2025, 2, 12), Basis.INFERRED),
        ("001", dt.date(2025, 3, 18), Basis.INFERRED),
        ("002", dt.date(2025, 2, 12), Basis.STATED),
        ("003", dt.date(2025, 2, 12), Basis.INFERRED),
        ("004", dt.date(2025, 7, 3), Basis.INFERRED),
    ],
)
def test_dates_have_a_basis(seeds: dict[str, Document], seed: str, day: dt.date, basis: Basis) -> None:
    assert (seeds[seed].published, seeds[seed].published_basis) == (day, basis)


def test_evidence_is_the_words_of_the_manifest(seeds: dict[str, Document]) -> None:
    assert seeds["002"].evidence[:2] == (
        Evidence("source", "قناة اليمن اليوم", "المصدر: قناة اليمن اليوم"),
        Evidence("published", "2025-02-12", "تاريخ النشر: 12th, February 2025 GMT"),
    )
    assert seeds["001"].evidence[0].words == (
        "'اليوم الثلاثاء'; the call that agreed on thirty days without strikes on energy"
    )


def test_only_given_titles_and_sources_are_set(seeds: dict[str, Document]) -> None:
    assert {number for number, document in seeds.items() if document.title} == {"002"}
    assert seeds["002"].title_basis is Basis.GIVEN
    assert (seeds["002"].source, seeds["002"].source_basis) == ("قناة اليمن اليوم", Basis.STATED)
    assert [document.source for document in seeds.values()].count(None) == 4


def test_teasers_are_the_advertising_lines_and_the_headline_under_a_label(seeds: dict[str, Document]) -> None:
    def teasers(number: str) -> list[str]:
        return [seeds[number].text[start:end] for start, end in seeds[number].teasers]

    assert teasers("002") == ["إقرأ أيضاً:\nمصادر تكشف لـCNN عن معلومات استخباراتية جديدة بشأن أهداف بوتين في أوكرانيا"]
    assert teasers("004") == [
        "من نفس التصنيف: إيران تعلن عن حالة محطة فوردو النووية بعد القصف الإسرائيلي",
        "شوف كمان: القوات الأمريكية تدعم التصدي للهجوم الإيراني على إسرائيل",
    ]
    assert not teasers("000") + teasers("001") + teasers("003")


def test_without_the_manifest_the_text_of_002_states_the_same() -> None:
    document = read_paths(SEEDS / "002_89aaa673857e5ad5.txt").one()
    assert document.published_basis is Basis.STATED, "a manifest beside a single file is read too"


def test_second_run_equals_the_first() -> None:
    run = read_paths(SEEDS)
    assert tuple(item for item in run.reader.read() if isinstance(item, Document)) == run.documents
