"""The analysis of a word as a table for a terminal or a pipe: step, rule, word after the step."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from index.analysis.analyzer import Analyzer, Explanation
from index.analysis.readings import Reading
from index.analysis.tokens import Token
from web.cli.terminal import Terminal
from web.pieces import explained, shown_steps
from web.shortening import shortened

NO_WORD = "no word in it"
NONE = "-"

_Row = tuple[str, str, str]


def text_lines(text: str, analyzer: Analyzer, terminal: Terminal) -> Iterator[str]:
    """Yield the lines of a table for each word of a text; for a text without words, the text and NO_WORD."""
    words = list(explained(text, analyzer))
    for token, found in words:
        yield from _table(token, found, terminal)
    if not words:
        yield terminal.cell(shortened(text))
        yield f"  {NO_WORD}"


def _table(token: Token, found: Explanation, terminal: Terminal) -> Iterator[str]:
    rows = list(_rows(found))
    # The Arabic word is the last column, since a terminal that reorders text could move columns after it.
    widths = [max(cell_len(row[column]) for row in rows) for column in (0, 1)]
    yield terminal.cell(shortened(token.text))
    for row in rows:
        yield terminal.row(row, widths)


def _rows(found: Explanation) -> Iterator[_Row]:
    readings = found.readings
    number = 0
    for step in shown_steps(found):
        if step.name == "clitic":
            if number:
                yield from _rootless(readings[number - 1])
            number += 1
            yield f"reading {number}", f"{readings[number - 1].weight:.0%}", ""
        text = readings[number - 1].vocalized or step.text if step.name == "lemma" else step.text
        yield step.name, step.rule or NONE, text
    if number:
        yield from _rootless(readings[-1])


def _rootless(reading: Reading) -> Iterator[_Row]:
    """Yield a row that states that a reading has no root, if it has none."""
    if not reading.roots:
        yield "root", "none", ""
