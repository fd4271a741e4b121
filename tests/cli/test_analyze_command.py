"""`judhur analyze`: one word in, one object out; or each step with its rule."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

from tests.cli.conftest import Call
from web.words import NO_WORD, WordShape

Process = Callable[..., subprocess.CompletedProcess[bytes]]

KEYS = ["word", "folded", "lemma", "vocalized", "family", "spelling", "root", "roots", "clitics", "readings"]


def objects(output: str) -> list[WordShape]:
    return [json.loads(line) for line in output.splitlines()]


def test_every_word_has_one_object_in_order(call: Call) -> None:
    answers = objects(call("analyze", "والكتاب", "من", "...", "مُحَمَّد", "--jsonl").out)

    assert [answer["word"] for answer in answers] == ["والكتاب", "من", "...", "مُحَمَّد"]
    assert [list(answer) for answer in answers] == [KEYS] * 4


def test_what_is_known_of_a_word(call: Call) -> None:
    (answer,) = objects(call("analyze", "وبالكتابِ", "--jsonl").out)

    assert answer["folded"] == "وبالكتاب"
    assert answer["clitics"] == ["و+", "ب+", "ال+"]


def test_without_a_word_there_is_nothing_to_know(call: Call) -> None:
    (answer,) = objects(call("analyze", "...", "--jsonl").out)

    assert {key: value for key, value in answer.items() if key != "word" and value} == {}


def test_standard_input_gives_one_line_for_each_line(process: Process) -> None:
    answered = process("analyze", "--jsonl", stdin="كتاب\n\nعلى\r\nbook".encode())

    assert [answer["word"] for answer in objects(answered.stdout.decode())] == ["كتاب", "", "على", "book"]


def test_a_line_that_is_not_utf_8_is_named_behind_the_answers_before_it(process: Process) -> None:
    answered = process("analyze", "--jsonl", stdin="كتاب\n".encode() + b"\xc7\xe1\n" + "قلم\n".encode())

    assert answered.returncode == 1
    assert [answer["word"] for answer in objects(answered.stdout.decode())] == ["كتاب"]
    assert b"line 2 of standard input is not UTF-8" in answered.stderr
    assert b"Traceback" not in answered.stderr


def test_a_program_may_converse() -> None:
    command = [sys.executable, "-m", "web", "analyze", "--jsonl"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdin
        assert running.stdout
        for word in ("كتاب", "قلم"):
            running.stdin.write(f"{word}\n".encode())
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["word"] == word
        running.stdin.close()


def test_the_table_shows_each_step_and_its_rule(call: Call) -> None:
    lines = call("analyze", "وبالكتاب", "...").out.splitlines()

    assert lines[0] == "وبالكتاب"
    assert [line.split()[0] for line in lines[1:4]] == ["written", "surface", "clitic"]
    assert lines[3].endswith("كتاب")
    assert lines[-2:] == ["...", f"  {NO_WORD}"]
