"""Output of indexing: all refusals, and up to twenty notes of a kind; both are counted by kind."""

from __future__ import annotations

import pytest

from index.build import Report
from index.document import Notice, Refusal
from web.cli.reporting import NOTICES_SHOWN, IndexingLog, kind_of, summary
from web.cli.terminal import Terminal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('date "32/13" does not exist', 'date "2103" does not exist'),
        ("larger than 64 MB", "larger than 128 MB"),
        ("العنوان «أ» طويل", "العنوان «ب» طويل"),
        ("unknown field 'a'", "unknown field 'b'"),
    ],
)
def test_messages_of_one_kind_are_counted_together(one: str, other: str) -> None:
    assert kind_of(one) == kind_of(other)


def test_messages_of_two_kinds_are_not() -> None:
    assert kind_of("empty file") != kind_of("no text")


def output_lines(capsys: pytest.CaptureFixture[str], *, verbose: bool, notes: int = 0, refusals: int = 0) -> list[str]:
    with IndexingLog(Terminal(), label="indexing", verbose=verbose) as log:
        for number in range(notes):
            log.report(Notice(f"file{number}", f'encoding "{number}" assumed'))
        for number in range(refusals):
            log.report(Refusal(f"id{number}", f"line {number} is no JSON", "file:1"))
    log.close()
    return capsys.readouterr().err.splitlines()


def test_notes_of_a_kind_are_listed_up_to_twenty(capsys: pytest.CaptureFixture[str]) -> None:
    lines = output_lines(capsys, verbose=False, notes=NOTICES_SHOWN + 5)

    assert len(lines) == NOTICES_SHOWN + 1
    assert lines[0] == 'note: file0: encoding "0" assumed'
    assert lines[-1] == "note: 5 more of this kind: encoding … assumed (--verbose lists them)"


def test_verbose_lists_every_note(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(output_lines(capsys, verbose=True, notes=NOTICES_SHOWN + 5)) == NOTICES_SHOWN + 5


def test_refusals_are_all_listed_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    lines = output_lines(capsys, verbose=False, refusals=30)

    assert lines[29] == "refused: id29 (file:1): line 29 is no JSON"
    assert lines[30:] == ["refused in total: 30", "      30  line … is no JSON"]


def test_a_run_without_events_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert output_lines(capsys, verbose=False) == []


def test_the_summary_is_one_line() -> None:
    report = Report(added=9968, replaced=1, unchanged=2, removed=3, refused=4, seconds=12.34)

    assert summary(report) == "9,968 added, 1 replaced, 2 unchanged, 3 removed, 4 refused in 12.3 s"
