"""The parent of the worker processes: it starts one again that has ended, and replaces one that hangs.

Granian starts a worker again too, but gives up when it ends twice within seconds, and does not notice one that hangs.
"""

from __future__ import annotations

import dataclasses
import logging
import os
import signal
import time
from collections.abc import Callable
from typing import Any

from granian.net import SocketSpec  # type: ignore[attr-defined] # it has no __all__
from granian.server.mp import MPServer, WorkerProcess

from web.pulse import Pulse

TICK_SECONDS = 0.2
STEADY_SECONDS = 10.0
"""A worker that ends sooner counts as a failure after the one before."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1.0
"""Seconds before a worker that ended is started again; each failure in a row doubles them."""
LONGEST_PAUSE_UNREADY = 30.0
"""The same for a worker that ended before it could answer: then most often the index cannot be opened."""

_log = logging.getLogger(__name__)


@dataclasses.dataclass(slots=True)
class _Place:
    """One of the places that workers fill, one after the other."""

    pulse: Pulse
    failures: int = 0
    """Workers that ended early, in a row."""
    due: float | None = None
    """When to start the next worker, on the clock of `time.monotonic`; None while one runs."""

    def ended(self) -> float:
        """Record that the worker has ended; return the seconds until the next one is started."""
        now = time.monotonic()
        self.failures = 1 if now - self.pulse.born > STEADY_SECONDS else self.failures + 1
        longest = LONGEST_PAUSE if self.pulse.ready else LONGEST_PAUSE_UNREADY
        pause: float = min(FIRST_PAUSE * 2 ** min(self.failures - 1, 20), longest)
        self.due = now + pause
        return pause


class Supervisor(MPServer):
    """Granian's server of processes, with workers that are watched."""

    def __init__(self, target: str, *, patience: float, **settings: Any) -> None:  # noqa: ANN401 - Granian's own
        """Replace a worker that gives no sign of life for `patience` seconds; for the rest see Granian."""
        super().__init__(target, **settings)
        self._patience = patience
        self._places: dict[int, _Place] = {}
        self._served = False
        """Whether any worker has been ready. Before, one that ends is an error of the start, which ends the server."""

    def _init_shared_socket(self) -> None:
        """Listen here, in one socket that all workers accept from.

        On Linux, Granian has a socket for each worker. Connections that wait in it would be lost with the worker, and
        refused while no worker runs; in the one of the parent they wait for the next.
        """
        listening: Any = SocketSpec(self.bind_addr, self.bind_port, self.backlog).build()
        os.set_inheritable(listening.get_fd(), True)  # noqa: FBT003 - the standard library's
        self._ssp, self._shd, self._sso = None, listening, None

    def _drop_shared_socket(self) -> None:
        """Keep the socket: the system closes it when the server ends."""

    def _spawn_worker(  # type: ignore[override] # as MPServer has it
        self, idx: int, target: Callable[..., None], callback_loader: Callable[[], object]
    ) -> WorkerProcess:
        pulse = Pulse()
        if idx in self._places:
            place = self._places[idx]
            place.pulse.close()
            place.pulse, place.due = pulse, None
        else:
            self._places[idx] = _Place(pulse)
        return super()._spawn_worker(idx, target, pulse.wrapped(callback_loader))

    def _serve_loop(self, spawn_target: Callable[..., None], target_loader: Callable[[], object]) -> None:
        while True:
            self.main_loop_interrupt.wait(TICK_SECONDS)
            self.main_loop_interrupt.clear()
            if self.interrupt_signal:
                return
            if self.reload_signal:
                self._reload(spawn_target, target_loader)  # type: ignore[no-untyped-call]
            self._kill_hanging()
            if self.interrupt_children and not self._served:
                return
            self._note_ended()
            now = time.monotonic()
            due = [idx for idx, place in self._places.items() if place.due is not None and place.due <= now]
            self._respawn_workers(due, spawn_target, target_loader)

    def _kill_hanging(self) -> None:
        for idx, place in self._places.items():
            if place.due is not None:
                continue
            silence = place.pulse.silence()
            self._served = self._served or place.pulse.ready
            if silence > self._patience:
                _log.error("worker %d gave no sign of life for %.0f s and is killed", idx + 1, silence)
                # not WorkerProcess.kill, after which its end would count as ordered
                self.wrks[idx].inner.kill()

    def _note_ended(self) -> None:
        while self.interrupt_children:
            idx = self.interrupt_children.pop()
            place = self._places[idx]
            if place.due is None and not self.wrks[idx].is_alive():
                code = self.wrks[idx].inner.exitcode
                how = f"by {signal.Signals(-code).name}" if code is not None and code < 0 else f"with status {code}"
                _log.error("worker %d ended %s; it is started again in %.1f s", idx + 1, how, place.ended())
