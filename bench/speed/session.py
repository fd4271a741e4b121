"""The client side of an engine's process: starts it, sends commands and reads the answers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from bench.speed.corpus import Corpus
from bench.speed.engines.peer import Answer, Duration, Mode, NotInstalledError
from bench.speed.worker import Built, Committed, Memory, Opened, Round, Started, WarmedUp, index_folder

ROOT = Path(__file__).resolve().parents[2]
_Reply = TypeVar("_Reply", Built, Committed, Memory, Opened, WarmedUp)


class PeerFailedError(Exception):
    """An engine's process ended unexpectedly; its output went to standard error."""


class Session:
    """A running engine process, idle between two commands. All methods raise PeerFailedError if the process ended."""

    def __init__(self, name: str, corpus: Corpus, folder: Path) -> None:
        """Start engine `name`, whose index is in a subfolder of `folder`.

        Raises:
            NotInstalledError: the engine is not installed.
            PeerFailedError: the process ended with an error.
        """
        self.name = name
        command = [
            sys.executable,
            "-m",
            "bench.speed.worker",
            name,
            corpus.folder,
            corpus.count,
            index_folder(name, folder),
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
        """Build the index."""
        return self._command(Built, do="build")

    def open(self) -> Opened:
        """Open the index."""
        return self._command(Opened, do="open")

    def warm_up(self) -> WarmedUp:
        """Ask other queries than the measured ones."""
        return self._command(WarmedUp, do="warm_up")

    def ask(self, mode: Mode, *, answers: bool = False) -> Round:
        """Ask all queries once; `answers` returns the answers too, not only the times."""
        self._write({"do": "ask", "mode": mode, "answers": answers})
        reply = self._read()
        decoded = [None if answer is None else _answer(answer) for answer in reply["answers"]]
        return Round(reply["seconds"], reply["processor"], decoded)

    def commit(self, times: int) -> Committed:
        """Make `times` small commits."""
        return self._command(Committed, do="commit", times=times)

    def memory(self) -> Memory:
        """Return the memory of the process."""
        return self._command(Memory, do="memory")

    def close(self) -> None:
        """End the process."""
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

    def _command(self, reply: type[_Reply], **command: object) -> _Reply:
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
            raise PeerFailedError(f"{self.name}: its process ended; see its output on standard error")
        return json.loads(line)


def _answer(values: dict[str, Any]) -> Answer:
    """Return an answer from its JSON, where keys are strings and tuples are lists."""
    days = values["days"]
    return Answer(
        **(
            values
            | {"days": None if days is None else {int(day): count for day, count in days.items()}}
            | {name: tuple(values[name]) for name in ("ids", "scores", "snippets")}
            | {"taken": None if values["taken"] is None else Duration(*values["taken"])}
        )
    )
