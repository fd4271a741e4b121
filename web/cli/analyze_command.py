"""The command `judhur analyze`."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator

import click

from web.cli.command import chosen_terminal, rtl_option

_CHUNK = 1 << 16
"""Bytes that one read of standard input returns at most."""


@click.command("analyze")
@click.argument("words", nargs=-1, metavar="WORD...")
@click.option("--jsonl", is_flag=True, help="One JSON object a line, in the order of the words.")
@rtl_option
def analyze_command(words: tuple[str, ...], jsonl: bool) -> None:
    """Show the analysis of each word, step by step, and its readings. A WORD may be a whole sentence.

    Without words it reads standard input, one word per line; with --jsonl it prints one line for each line read.
    """
    from index.analysis.installed import load_analyzer
    from web.cli.wordlines import WordLines, tokens_in
    from web.cli.wordtable import text_lines

    analyzer = load_analyzer()
    gc.freeze()  # the lexicon is never freed; collecting it repeatedly would take a third of the running time
    if jsonl:
        spelled = [token.encode() for word in words for token in tokens_in(word, analyzer)]
        answers = WordLines(analyzer)
        _answer(iter([spelled]) if words else _typed_lines(), answers.line)
        return
    terminal = chosen_terminal()

    def table(line: bytes) -> bytes:
        return "".join(f"{row}\n" for row in text_lines(line.decode(), analyzer, terminal)).encode(
            errors="backslashreplace"
        )

    _answer(iter([[word.encode() for word in words]]) if words else _typed_lines(), table)


def _answer(batches: Iterator[list[bytes]], answer: Callable[[bytes], bytes]) -> None:
    """Write the answer to each line, batch by batch.

    A batch holds the lines that one read returned: a program that writes a word and waits gets its answer at once.

    Raises:
        click.ClickException: a line is not UTF-8.
    """
    out = sys.stdout.buffer
    number = 1
    for lines in batches:
        answers: list[bytes] = []
        try:
            answers.extend(map(answer, lines))
        except UnicodeDecodeError as error:
            faulty = number + len(answers)
            raise click.ClickException(
                f"line {faulty} of standard input is not UTF-8: {error.object[:40]!r}"
            ) from error
        finally:  # the answers to the lines before a bad one are written too
            out.write(b"".join(answers))
            out.flush()
        number += len(lines)


def _typed_lines() -> Iterator[list[bytes]]:
    """Yield the complete lines of standard input after each read of it, without line ends."""
    stream = sys.stdin.buffer
    rest = b""
    while chunk := os.read(stream.fileno(), _CHUNK):
        *lines, rest = (rest + chunk).replace(b"\r\n", b"\n").split(b"\n")
        yield lines
    if rest:
        yield [rest.removesuffix(b"\r")]
