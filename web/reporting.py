"""What `judhur index` says while it works, on standard error: a progress bar, refused articles, assumptions made.

Arabic stands in lines of its own, never in the line of the bar: a bar is redrawn from its beginning, and terminals
that order Arabic would take the bar along.
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
from web.terminal import Terminal

NOTICES_SHOWN = 20
"""Assumptions of one kind that are listed before they are only counted."""

BAR_COLUMNS = 30
STEPS = 1000
"""Steps of the bar; a share of the work is rounded to one of them."""

_PARTICULAR = re.compile(r"\"[^\"]*\"|'[^']*'|«[^»]*»|`[^`]*`|(?<![-\w])\d+")
"""What differs between two messages of one kind: quoted values and numbers."""


class IndexingLog:
    """Follows one run: pass its methods `progress` and `report` to a function of `index.build`.

    Within a `with` block it draws a bar, if standard error is a terminal.
    """

    def __init__(self, terminal: Terminal, *, label: str, verbose: bool = False) -> None:
        """Begin nothing yet; `label` names the work, in Latin letters."""
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
        self._noticed: collections.Counter[str] = collections.Counter()

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def progress(self, articles: int, share: float) -> None:
        """Move the bar."""
        self._bar.update(self._task, completed=round(share * STEPS), articles=articles)

    def report(self, event: Refusal | Notice) -> None:
        """List what was refused or assumed."""
        if isinstance(event, Refusal):
            self._refused[kind_of(event.reason)] += 1
            name = f"{event.document_id} ({event.origin})" if event.document_id else event.origin
            self._say(f"refused: {name}: {event.reason}")
            return
        kind = kind_of(event.text)
        self._noticed[kind] += 1
        if self._verbose or self._noticed[kind] <= NOTICES_SHOWN:
            self._say(f"note: {event.origin}: {event.text}")

    def close(self) -> None:
        """List how many articles were refused for which reason, and how many notes were held back."""
        if self._refused:
            self._say(f"refused in all: {self._refused.total()}")
        for kind, count in self._refused.most_common():
            self._say(kind, before=f"{count:>8,}  ")
        for kind, count in self._noticed.most_common():
            if count > NOTICES_SHOWN and not self._verbose:
                self._say(f"note: {count - NOTICES_SHOWN} more of the kind: {kind} (--verbose lists them)")

    def _say(self, line: str, before: str = "") -> None:
        self._console.print(before + self._terminal.cell(line))


def kind_of(message: str) -> str:
    """Return a message without the values that make it particular, so that equal faults are counted together."""
    return _PARTICULAR.sub("…", message)


def summary(report: Report) -> str:
    """Return what a run did as one line."""
    return ", ".join(_counts(report)) + f" in {report.seconds:.1f} s"


def _counts(report: Report) -> Iterator[str]:
    yield f"{report.added:,} added"
    yield f"{report.replaced:,} replaced"
    yield f"{report.unchanged:,} unchanged"
    yield f"{report.removed:,} removed"
    yield f"{report.refused:,} refused"


class _AsciiBar(ProgressColumn):
    """The bar in ASCII, which every terminal draws in one direction."""

    def render(self, task: Task) -> Text:
        filled = int(BAR_COLUMNS * task.percentage / 100)
        return Text("[" + "#" * filled + "." * (BAR_COLUMNS - filled) + "]")
