"""`judhur analyze`: one word in, one object out; or each step with its rule."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import pytest

from index.analysis.installed import load_analyzer
from tests.web.cli.conftest import Call
from web.api.shape import WordShape
from web.cli.wordtable import NO_WORD

Process = Callable[..., subprocess.CompletedProcess[bytes]]

KEYS = ["word", "folded", "lemma", "vocalized", "family", "spelling", "root", "roots", "clitics", "readings"]


def objects(output: str) -> list[WordShape]:
    return [json.loads(line) for line in output.splitlines()]


def test_every_word_has_one_object_in_order(call: Call) -> None:
    answers = objects(call("analyze", "والكتاب", "من", "...", "مُحَمَّد", "--jsonl").out)

    assert [answer["word"] for answer in answers] == ["والكتاب", "من", "...", "مُحَمَّد"]
    assert [list(answer) for answer in answers] == [KEYS] * 4


def test_the_properties_of_a_word(call: Call) -> None:
    (answer,) = objects(call("analyze", "وبالاتصالاتِ", "--jsonl").out)

    assert answer["vocalized"] is not None
    assert {**answer, "vocalized": None, "family": None} == {
        "word": "وبالاتصالاتِ",
        "folded": "وبالاتصالات",
        "lemma": "اتصال",
        "vocalized": None,
        "family": None,
        "spelling": None,
        "root": "وصل",
        "roots": [{"root": "وصل", "weight": 1.0}],
        "clitics": ["و+", "ب+", "ال+"],
        "readings": [{"lemma": "اتصال", "root": "وصل", "pos": "noun", "weight": 1.0, "source": "lexicon"}],
    }


def test_words_of_one_family_share_its_key_and_spellings_of_one_name_theirs(call: Call) -> None:
    call_, meet, transport, trump, other = objects(
        call("analyze", "اتصال", "يتصلون", "مواصلات", "ترامب", "ترمب", "--jsonl").out
    )

    assert call_["family"] == meet["family"] != transport["family"]
    assert trump["spelling"] == other["spelling"] is not None
    assert trump["lemma"] != other["lemma"]


@pytest.mark.parametrize("word", ["لبنان", "واشنطن", "ترمب", "2010", "CNN"])
def test_names_and_numbers_have_no_root(call: Call, word: str) -> None:
    (answer,) = objects(call("analyze", word, "--jsonl").out)

    assert (answer["root"], answer["roots"]) == (None, [])


def test_every_root_is_in_the_list_with_its_share(call: Call) -> None:
    (answer,) = objects(call("analyze", "عام", "--jsonl").out)

    assert answer["root"] == answer["readings"][0]["root"]
    assert {entry["root"] for entry in answer["roots"]} == {"عمم", "عوم"}
    assert sum(entry["weight"] for entry in answer["roots"]) == pytest.approx(1, abs=0.02)


def test_a_sentence_is_split_into_words(call: Call) -> None:
    answers = objects(call("analyze", "زار الوزير، لبنان", "كتاب", "--jsonl").out)

    assert [answer["word"] for answer in answers] == ["زار", "الوزير", "لبنان", "كتاب"]


def test_a_line_of_several_words_gives_one_line(process: Process) -> None:
    answered = process("analyze", "--jsonl", stdin="زار الوزير\nكتاب\n".encode())

    assert [answer["word"] for answer in objects(answered.stdout.decode())] == ["زار الوزير", "كتاب"]


def test_a_repeated_word_gives_the_same_answer(process: Process) -> None:
    words = ["وبالاتصالات", "في", "وبالاتصالات", "", "في"]
    answered = process("analyze", "--jsonl", stdin="\r\n".join(words).encode())

    first, stop, again, empty, stop_again = answered.stdout.decode().splitlines()
    assert (first, stop) == (again, stop_again)
    assert json.loads(empty)["word"] == ""


@pytest.mark.parametrize(
    "word", ["وبالكتاب", "الْمَدْرَسَة", "أُمَّة", "ﷲ", "كتـــاب", "گوگل", "القرءان", "أ.ف.ب", "لـCNN", "l'Aube", "٢٠١٠", "من"]
)
def test_the_folded_word_is_the_one_that_is_indexed(call: Call, word: str) -> None:
    (answer,) = objects(call("analyze", word, "--jsonl").out)

    assert answer["folded"] == load_analyzer().word(word).surface


def test_an_input_without_words_gives_an_empty_answer(call: Call) -> None:
    (answer,) = objects(call("analyze", "...", "--jsonl").out)

    assert {key: value for key, value in answer.items() if key != "word" and value} == {}


def test_standard_input_gives_one_line_for_each_line(process: Process) -> None:
    answered = process("analyze", "--jsonl", stdin="كتاب\n\nعلى\r\nbook".encode())

    assert [answer["word"] for answer in objects(answered.stdout.decode())] == ["كتاب", "", "على", "book"]


def test_a_line_that_is_not_utf_8_is_reported_after_the_answers_before_it(process: Process) -> None:
    answered = process("analyze", "--jsonl", stdin="كتاب\n".encode() + b"\xc7\xe1\n" + "قلم\n".encode())

    assert answered.returncode == 1
    assert [answer["word"] for answer in objects(answered.stdout.decode())] == ["كتاب"]
    assert b"line 2 of standard input is not UTF-8" in answered.stderr
    assert b"Traceback" not in answered.stderr


def test_each_line_is_answered_before_the_next_is_sent() -> None:
    command = [sys.executable, "-m", "web", "analyze", "--jsonl"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdin
        assert running.stdout
        for word in ("كتاب", "قلم"):
            running.stdin.write(f"{word}\n".encode())
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["word"] == word
        running.stdin.close()


def test_the_table_shows_each_step_its_rule_and_the_weight_of_each_reading(call: Call) -> None:
    lines = call("analyze", "وبالاتصالات", "...").out.splitlines()

    assert [line.split() for line in lines[:4]] == [
        ["وبالاتصالات"],
        ["written", "-", "وبالاتصالات"],
        ["surface", "-", "وبالاتصالات"],
        ["reading", "1", "100%"],
    ]
    assert [line.split()[0] for line in lines[4:8]] == ["clitic", "lemma", "family", "root"]
    assert lines[4].endswith("و + ب + ال + اتصال + ات")
    assert lines[7].endswith("و-ص-ل")
    assert lines[-2:] == ["...", f"  {NO_WORD}"]


def test_the_table_marks_words_without_a_root_and_unsearched_words(call: Call) -> None:
    assert call("analyze", "لبنان").out.splitlines()[-1].split() == ["root", "none"]
    assert "stop list" in call("analyze", "من").out


def test_columns_of_the_table_are_aligned(call: Call) -> None:
    _, *rows = call("analyze", "عام").out.splitlines()

    weights = [row for row in rows if row.split()[0] == "reading"]
    assert len(weights) == 2
    assert {len(row) - len(row[2:].lstrip()) for row in rows} == {2}
    assert len({row.index("%") - len(row.split()[2]) for row in weights}) == 1
