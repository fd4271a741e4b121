"""Arabic in terminals: the choice of the order, and paragraphs in visual order."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from web.cli.terminal import HINT, Direction, Span, Terminal, detect
from web.config import Rtl, order_of_letters

WIDTH = 60
PARAGRAPH = (
    "قال الرئيس إن الوزراء اتصلوا بنظرائهم يوم الأربعاء، وبحثوا معهم ما جرى في المكالمة الهاتفية التي دامت تسعين "
    "دقيقة بحسب وكالة رويترز، ولم تعلن أي جهة عن موعد اللقاء المقبل."
)
VISUAL = Terminal(visual=True, width=WIDTH)


def letters(line: str) -> str:
    """Return the letters of a visual line without presentation forms, in reading order."""
    return unicodedata.normalize("NFKC", line[::-1])


@pytest.mark.parametrize(
    ("environment", "certain"),
    [
        ({"TERM": "xterm-256color", "VTE_VERSION": "5703"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "5702"}, False),
        ({"TERM": "xterm-256color", "VTE_VERSION": "not a number"}, False),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "230800"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, True),
        ({"TERM": "mlterm"}, True),
        ({"TERM": "mlterm-256color"}, True),
        ({"TERM": "alacritty", "ALACRITTY_WINDOW_ID": "1"}, False),
        ({"TERM": "xterm-256color", "WT_SESSION": "1"}, False),
        ({"TERM": "xterm-kitty", "KITTY_WINDOW_ID": "1"}, False),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, False),
        ({"TERM": "tmux-256color", "TMUX": "socket,1,0", "VTE_VERSION": "7600"}, False),
        ({"TERM": "screen-256color", "VTE_VERSION": "7600"}, False),
        ({}, False),
    ],
)
def test_a_terminal_gets_logical_text_and_an_unknown_one_a_hint(environment: dict[str, str], *, certain: bool) -> None:
    terminal = detect(Rtl.AUTO, environment, tty=True, width=WIDTH)

    assert not terminal.visual
    assert (terminal.hint is None) is certain


def test_the_hint_keeps_its_direction_mark() -> None:
    terminal = detect(Rtl.AUTO, {}, tty=True, width=WIDTH)

    assert terminal.hint is not None
    assert HINT in terminal.hint
    assert "\u200e--rtl" in HINT


@pytest.mark.parametrize("setting", ["visual", "logical", "auto", ""])
def test_a_pipe_always_gets_logical_text(setting: str) -> None:
    environment = {"JUDHUR_RTL": setting, "TERM": "alacritty"}

    for option in Rtl:
        order = order_of_letters(option, environment)
        assert detect(order, environment, tty=False, width=WIDTH) == Terminal(width=WIDTH)


def test_an_order_that_was_set_overrides_what_is_known_of_the_terminal() -> None:
    assert detect(Rtl.VISUAL, {"VTE_VERSION": "7600"}, tty=True, width=WIDTH).visual
    assert detect(Rtl.LOGICAL, {}, tty=True, width=WIDTH).hint is None


def test_logical_text_is_unchanged() -> None:
    assert Terminal(width=WIDTH).lines(PARAGRAPH) == [PARAGRAPH]


def test_visual_order_puts_the_first_words_into_the_first_line() -> None:
    lines = VISUAL.lines(PARAGRAPH)

    assert letters(lines[0]).startswith("قال الرئيس إن الوزراء")
    assert " ".join(letters(line).strip() for line in lines) == PARAGRAPH


def test_visual_lines_are_aligned_to_the_right_edge() -> None:
    lines = VISUAL.lines(PARAGRAPH, indent=4)

    assert len(lines) > 2
    assert {cell_len(line) for line in lines} == {WIDTH - 4}


def test_brackets_are_mirrored_around_their_word() -> None:
    (line,) = VISUAL.lines("(نص)")

    assert line.strip() == "(ﺺﻧ)"


def test_latin_words_and_numbers_keep_their_order_within_an_arabic_line() -> None:
    (line,) = VISUAL.lines("قالت CNN News الساعة 14:30 [خبر]")

    assert line.strip() == "[ﺮﺒﺧ] 14:30 ﺔﻋﺎﺴﻟﺍ CNN News ﺖﻟﺎﻗ"


def test_harakat_follow_their_letter() -> None:
    (line,) = VISUAL.lines("مُحَمَّد")

    # from left to right: dal, meem with shadda and fatha, hah with fatha, meem with damma
    assert line.strip() == "\ufeaa\ufee4\u064e\u0651\ufea4\u064e\ufee3\u064f"
    assert cell_len(line.strip()) == 4


def test_width_counts_letters_not_marks() -> None:
    vocalized = " ".join(["مُحَمَّدٌ"] * 20)

    assert len(Terminal(visual=True, width=24).lines(vocalized)) == 4  # five words of four letters, and spaces


def test_lam_alef_is_one_letter_wide() -> None:
    (line,) = VISUAL.lines("لا")

    assert line.strip() == "\ufefb"
    assert cell_len(line) == WIDTH


def test_a_word_wider_than_the_terminal_is_broken_and_nothing_is_lost() -> None:
    lines = Terminal(visual=True, width=20).lines("ب" * 45)

    assert [len(line.strip()) for line in lines] == [20, 20, 5]


def highlighted(lines: list[str]) -> list[str]:
    return [letters(marked) for line in lines for marked in re.findall("\033\\[1;4m(.*?)\033\\[0m", line)]


@pytest.mark.parametrize("word", ["والوزراء", "الأربعاء", "الإثنين", "٢٠٢٥"])
def test_marks_stay_on_their_words_in_visual_order(word: str) -> None:
    text = f"قال الوزير (في باريس) {word} إن CNN نقلت الخبر عن الوزارة"
    start = text.index(word)
    terminal = Terminal(visual=True, styled=True, width=30)

    marked = highlighted(terminal.lines(text, [Span(start, start + len(word))]))

    assert marked == [word[::-1] if word.isdigit() else word]


def test_a_marked_latin_word_is_marked_whole() -> None:
    text = "نقلت U.S.A عن الوزارة"
    terminal = Terminal(visual=True, styled=True, width=WIDTH)

    (line,) = terminal.lines(text, [Span(5, 10)])

    assert "\033[1;4mU.S.A\033[0m" in line


def test_marks_in_logical_order_are_shown_on_a_terminal_only() -> None:
    marks = [Span(4, 10)]

    assert Terminal(styled=True).lines("قال الوزير اليوم", marks) == ["قال \033[1;4mالوزير\033[0m اليوم"]
    assert Terminal().lines("قال الوزير اليوم", marks) == ["قال الوزير اليوم"]


def test_control_characters_are_left_out() -> None:
    hostile = "عنوان\x1b[2J\x07 \u202eمقلوب\u202c\r\nوسطر\x00 آخر\ud800"

    assert Terminal().lines(hostile) == ["عنوان[2J مقلوب وسطر آخر"]


def test_a_line_that_begins_in_latin_letters_runs_from_left_to_right() -> None:
    assert VISUAL.cell("refused: ملف") == "refused: ﻒﻠﻣ"
    assert VISUAL.cell("ملف 5") == "5 ﻒﻠﻣ"


def test_an_id_keeps_the_order_in_which_it_is_typed() -> None:
    (line,) = VISUAL.lines("002_89aaa", direction=Direction.of("002_89aaa"))

    assert line.strip() == "002_89aaa"
    assert cell_len(line) == WIDTH


@given(st.text(st.sampled_from("ابلمةوّ ًCN5٥.()«»- \n"), max_size=80), st.integers(20, 50))
def test_no_visual_line_is_wider_than_the_terminal(text: str, width: int) -> None:
    assert all(cell_len(line) <= width for line in Terminal(visual=True, width=width).lines(text))


def test_arabic_cells_keep_their_columns_on_a_terminal_that_reorders_text() -> None:
    rows = [("stop", "بعد و+", "وعن"), ("surface", "-", "عن")]
    plain, marked = Terminal(), Terminal(marks=True)
    assert [plain.row(row, (7, 6)) for row in rows] == ["  stop     بعد و+  وعن", "  surface  -       عن"]
    assert marked.row(rows[0], (7, 6)) == "  stop\u200e     بعد و+\u200e  وعن"
    assert Terminal(visual=True).row(rows[1], (7, 6)).startswith("  surface  -       ")


@pytest.mark.parametrize(("option", "marks"), [(Rtl.AUTO, True), (Rtl.LOGICAL, True), (Rtl.VISUAL, False)])
def test_direction_marks_are_for_terminals_in_logical_order(option: Rtl, marks: bool) -> None:  # noqa: FBT001 - the case
    assert detect(option, {}, tty=True, width=80).marks is marks
    assert detect(option, {}, tty=False, width=80).marks is False
