"""Processes that start in milliseconds, forked from one that has loaded the code and the word data already."""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

import pytest

PATIENCE = 600.0
"""Seconds without a message after which a process is considered to hang."""

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.torture.preload"])


@contextmanager
def started(target: Callable[..., None], *arguments: object) -> Iterator[tuple[BaseProcess, Connection]]:
    """Run `target(pipe, *arguments)` in a new process; yield it and our end of the pipe, and kill it afterwards."""
    ours, theirs = _context.Pipe()
    process = _context.Process(target=target, args=(theirs, *arguments))
    process.start()
    theirs.close()
    try:
        yield process, ours
    finally:
        process.kill()
        process.join()
        process.close()
        ours.close()


def next_of(pipe: Connection) -> Any:
    """Return the next message of a process.

    Raises:
        EOFError: the process has ended.
    """
    if not pipe.poll(PATIENCE):
        pytest.fail(f"a process hangs: no message for {PATIENCE:.0f} s")
    try:
        return pipe.recv()
    except ConnectionResetError as error:
        raise EOFError from error


def received(pipe: Connection) -> list[Any]:
    """Return all messages of a process until it ended, including those that it sent before it was killed."""
    messages = []
    with contextlib.suppress(EOFError):
        while True:
            messages.append(next_of(pipe))
    return messages
