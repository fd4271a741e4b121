"""64 clients that ask the most expensive search at once, beside one that asks for one word."""

from __future__ import annotations

import dataclasses
import http.client
import itertools
import multiprocessing
import random
import statistics
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from bench.serving.server import Server, serving

CLIENTS = 64
_TEXT = """
الحكومة الرئيس الوزير المدينة العالم الدولة العمل الشعب المجلس الجامعة الحرب السلام الاقتصاد النفط المال الشركة
البنك التعليم الصحة الطب الرياضة كرة اللاعب المباراة البطولة الفريق الكتاب العلم الأرض البحر الطريق
"""
WORDS = _TEXT.split()
CHEAP = [f"/api/v1/search?q={quote(word)}" for word in WORDS]
TIMEOUT = 120.0


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What the clients saw; times in seconds."""

    cheap: list[float]
    """Times of the one-word searches that were answered."""
    refused_cheap: int
    accepted: list[float]
    refused: list[float]
    other: int
    """Expensive searches without an answer, or with another status than 200 and 503."""
    next_answer: float
    """Time of the first one-word search after the attack."""


def worst(rng: random.Random) -> str:
    """Return the path of the most expensive search that is allowed, in one of many variants."""
    words = rng.sample(WORDS, len(WORDS))
    return f"/api/v1/search?q={quote(' '.join(words))}&per_page=100&extra=explain,positions,evidence"


def overload(code: Path, index: Path, seconds: float = 15.0, *, pause: float = 0.0) -> Outcome:
    """Attack a server of `code` for some seconds; a client that is refused waits for `pause` seconds."""
    with serving(code, index) as server:
        for path in CHEAP:
            server.get(path)
        context = multiprocessing.get_context("spawn")
        results = context.SimpleQueue()
        attack = context.Process(target=_attack, args=(server.port, seconds, pause, results))
        attack.start()
        cheap, refused = _ask_cheap(server, results, seconds)
        began = time.perf_counter()
        while server.get(CHEAP[0], timeout=TIMEOUT)[0] != 200:
            time.sleep(0.05)
        after = time.perf_counter() - began
        answers: list[tuple[int, float]] = results.get()
        attack.join()
    return Outcome(
        cheap=cheap,
        refused_cheap=refused,
        accepted=[time for status, time in answers if status == 200],
        refused=[time for status, time in answers if status == 503],
        other=sum(status not in (200, 503) for status, _ in answers),
        next_answer=after,
    )


def _ask_cheap(server: Server, started: multiprocessing.SimpleQueue[object], seconds: float) -> tuple[list[float], int]:
    """Ask for one word ten times a second at most while the attack lasts."""
    started.get()
    time.sleep(1.0)
    times: list[float] = []
    refused = 0
    ends = time.perf_counter() + seconds - 1.0
    for path in itertools.cycle(CHEAP):
        if time.perf_counter() > ends:
            return times, refused
        status, _, took = server.get(path, timeout=TIMEOUT)
        if status == 200:
            times.append(took)
        else:
            refused += 1
        time.sleep(0.1)
    raise AssertionError


def _attack(port: int, seconds: float, pause: float, results: multiprocessing.SimpleQueue[object]) -> None:
    """Ask with all clients, in a process of its own; put a sign of the start and then all answers into `results`."""
    answers: list[tuple[int, float]] = []
    server = Server(None, port)  # type: ignore[arg-type] # only asked, not watched
    ends = time.perf_counter() + seconds

    def client(seed: int) -> None:
        rng = random.Random(seed)  # noqa: S311 - no secret
        while time.perf_counter() < ends:
            began = time.perf_counter()
            try:
                status, _, took = server.get(worst(rng), timeout=TIMEOUT)
            except (OSError, http.client.HTTPException):
                status, took = 0, time.perf_counter() - began
            answers.append((status, took))
            if status != 200 and pause:
                time.sleep(pause)

    clients = [threading.Thread(target=client, args=(seed,)) for seed in range(CLIENTS)]
    results.put("started")
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    results.put(answers)


def percentile(times: Sequence[float], percent: int) -> float:
    """Return a percentile of times; nan if there is none."""
    if len(times) < 2:
        return times[0] if times else float("nan")
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1]


def report(outcome: Outcome) -> str:
    """Return the outcome in one line."""
    cheap = f"{percentile(outcome.cheap, 50):.3f} / {percentile(outcome.cheap, 95):.3f} s of {len(outcome.cheap)}"
    return (
        f"one word p50/p95 {cheap}, refused {outcome.refused_cheap}; expensive: {len(outcome.accepted)} answered in at "
        f"most {max(outcome.accepted, default=0.0):.2f} s, {len(outcome.refused)} refused (p50 "
        f"{percentile(outcome.refused, 50):.3f} s), {outcome.other} other; next answer after the attack "
        f"{outcome.next_answer:.2f} s"
    )
