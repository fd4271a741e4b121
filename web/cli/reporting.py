"""Output of a running `judhur index` on standard error: a progress bar, refused articles, assumptions.

Arabic text is printed on lines of its own, never on the line of the bar: terminals that reorder Arabic would reorder
the bar with it each time the bar is redrawn.
"""

from __future__ import annotations

import collections
import re
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

from index.build import Report
from index.document import Notice, Refusal
from web.cli.terminal import Terminal

NOTICES_SHOWN = 20
"""Assumptions of one kind that are listed; further ones are only counted."""

BAR_COLUMNS = 30
STEPS = 1000
"""Resolution of the bar: progress is rounded to a multiple of 1 / STEPS."""

_VALUE = re.compile(r"\"[^\"]*\"|'[^']*'|«[^«»]*»|`[^`]*`|(?<![-\w])\d+")
"""What differs between two messages of one kind: quoted values and numbers."""


class IndexingLog:
    """Reports on one run: pass its methods `progress` and `report` to a function of `index.build`.

    Inside a `with` block it draws a progress bar, if standard error is a terminal.
    """

    def __init__(self, terminal: Terminal, *, label: str, verbose: bool = False) -> None:
        """Prepare the bar without drawing it; `label` names the work, in Latin letters."""
        self._terminal = terminal
        self._verbose = verbose
        self._console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            _AsciiBar(),
            TextColumn("{task.percentage:>3.0f}%  {task.fields[articles]:,} articles"),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
            transient=True,
        )
        self._task: TaskID = self._bar.add_task(label, total=STEPS, articles=0)
        self._refused: collections.Counter[str] = collections.Counter()
        self._notices: collections.Counter[str] = collections.Counter()

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def progress(self, articles: int, share: float) -> None:
        """Set the bar to `articles` processed and a `share` (0..1) of the work done."""
        self._bar.update(self._task, completed=round(share * STEPS), articles=articles)

    def report(self, event: Refusal | Notice) -> None:
        """Print and count one refused article or one assumption."""
        if isinstance(event, Refusal):
            self._refused[kind_of(event.reason)] += 1
            name = f"{event.document_id} ({event.origin})" if event.document_id else event.origin
            self._print(f"refused: {name}: {event.reason}")
            return
        kind = kind_of(event.text)
        self._notices[kind] += 1
        if self._verbose or self._notices[kind] <= NOTICES_SHOWN:
            self._print(f"note: {event.origin}: {event.text}")

    def close(self) -> None:
        """Print the number of refused articles by reason, and the number of notes that were not listed."""
        if self._refused:
            self._print(f"refused in total: {self._refused.total()}")
        for kind, count in self._refused.most_common():
            self._print(kind, before=f"{count:>8,}  ")
        for kind, count in self._notices.most_common():
            if count > NOTICES_SHOWN and not self._verbose:
                self._print(f"note: {count - NOTICES_SHOWN} more of this kind: {kind} (--verbose lists them)")

    def _print(self, line: str, before: str = "") -> None:
        self._console.print(before + self._terminal.cell(line))


def kind_of(message: str) -> str:
    """Return a message with its values replaced by `…`, so that errors of one kind are counted together."""
    return _VALUE.sub("…", message)


def summary(report: Report) -> str:
    """Return the counts and the duration of a run as one line."""
    return ", ".join(_counts(report)) + f" in {report.seconds:.1f} s"


def _counts(report: Report) -> Iterator[str]:
    yield f"{report.added:,} added"
    yield f"{report.replaced:,} replaced"
    yield f"{report.unchanged:,} unchanged"
    yield f"{report.removed:,} removed"
    yield f"{report.refused:,} refused"


class _AsciiBar(ProgressColumn):
    """The bar in ASCII, which terminals never reorder."""

    def render(self, task: Task) -> Text:
        filled = int(BAR_COLUMNS * task.percentage / 100)
        return Text("[" + "#" * filled + "." * (BAR_COLUMNS - filled) + "]")
