"""The bench's side of an engine's process: starts it, tells it what to do, reads what came of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from bench.speed.corpus import Corpus
from bench.speed.engines.peer import Answer, Mode, NotInstalledError, Taken
from bench.speed.worker import Asked, Built, Committed, Memory, Opened, Started, place_of

ROOT = Path(__file__).resolve().parents[2]
_Reply = TypeVar("_Reply", Built, Committed, Memory, Opened)


class PeerFailedError(Exception):
    """An engine's process ended before its time; what it said was printed."""


class Session:
    """A running engine; waits silently while it is told nothing."""

    def __init__(self, name: str, corpus: Corpus, folder: Path) -> None:
        """Start engine `name`, whose index stands under `folder`.

        Raises:
            NotInstalledError: it is not there.
            PeerFailedError: it ended with an error.
        """
        self.name = name
        command = [
            sys.executable,
            "-m",
            "bench.speed.worker",
            name,
            corpus.folder,
            corpus.count,
            place_of(name, folder),
        ]
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [str(word) for word in command], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )
        first = self._read()
        if "missing" in first:
            self.close()
            raise NotInstalledError(first["missing"])
        self.started = Started(**first)

    def build(self) -> Built:
        """Build its index."""
        return self._tell(Built, do="build")

    def open(self) -> Opened:
        """Open its index."""
        return self._tell(Opened, do="open")

    def ask(self, mode: Mode, *, answers: bool = False) -> Asked:
        """Ask all queries."""
        self._write({"do": "ask", "mode": mode, "answers": answers})
        reply = self._read()
        given = [None if answer is None else _answer(answer) for answer in reply["answers"]]
        return Asked(reply["seconds"], reply["processor"], given)

    def commit(self, times: int) -> Committed:
        """Make small commits."""
        return self._tell(Committed, do="commit", times=times)

    def memory(self) -> Memory:
        """Return what it holds."""
        return self._tell(Memory, do="memory")

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _tell(self, reply: type[_Reply], **command: object) -> _Reply:
        self._write(command)
        return reply(**self._read())

    def _write(self, command: dict[str, object]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def _read(self) -> Any:  # noqa: ANN401 - what JSON holds
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self.close()
            raise PeerFailedError(f"{self.name}: its process ended; its last words went to standard error")
        return json.loads(line)


def _answer(values: dict[str, Any]) -> Answer:
    """Return an answer from JSON, in which every key is a string and every tuple a list."""
    days = values["days"]
    return Answer(
        **(
            values
            | {"days": None if days is None else {int(day): count for day, count in days.items()}}
            | {name: tuple(values[name]) for name in ("ids", "scores", "snippets")}
            | {"taken": None if values["taken"] is None else Taken(*values["taken"])}
        )
    )
