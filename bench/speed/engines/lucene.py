"""Lucene 9 in its own Java process, which measures its own times (bench/speed/lucene/Runner.java)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from bench.speed.corpus import Corpus
from bench.speed.engines.peer import Answer, Duration, Mode, NotInstalledError
from bench.speed.queries import Query

SOURCE = Path(__file__).resolve().parents[1] / "lucene"
JARS = Path(__file__).resolve().parents[3] / "var" / "bench" / "lucene"
"""Folder that Lucene's jars are downloaded to."""
HEAP = "2g"
_ITEM, _PART = "\x1e", "\x1f"


class Lucene:
    """See `Peer`."""

    def __init__(self, folder: Path) -> None:
        java = shutil.which("java")
        if java is None or shutil.which("javac") is None:
            raise NotInstalledError("Lucene: install a JDK, version 17 or newer, with java and javac")
        _fetch()
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder.with_name("lucene.log")  # also has Lucene's notes on vector instructions
        self._java = subprocess.Popen(  # noqa: S603 - our own runner
            [java, f"-Xmx{HEAP}", "-cp", f"{JARS}/*", str(SOURCE / "Runner.java"), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log.open("w"),
            encoding="utf-8",
        )
        lucene, java_version = self._read()
        self.version = f"{lucene}, Java {java_version}"
        self.process = self._java.pid

    def build(self, corpus: Corpus) -> float:
        """See `Peer.build`."""
        return self._timed_command("build", str(corpus.token_file), str(corpus.first), str(corpus.count))

    def open(self) -> None:
        """See `Peer.open`."""
        self._timed_command("open")

    def ask(self, query: Query, mode: Mode) -> Answer:
        """See `Peer.ask`."""
        self._write("ask", mode.value, query.kind.value, query.source or "", " ".join(query.terms))
        wall, processor, total, sources, days, scores, snippets = self._read()
        counted = mode is not Mode.HITS
        return Answer(
            total=int(total) if counted else None,
            sources=_values(sources) if counted else None,
            days={int(day): count for day, count in _values(days).items()} if counted else None,
            scores=tuple(float(score) for score in _items(scores)),
            snippets=tuple(_items(snippets)),
            taken=Duration(int(wall) / 1e9, int(processor) / 1e9),
        )

    def add(self, corpus: Corpus) -> float:
        """See `Peer.add`."""
        return self.build(corpus)

    def close(self) -> None:
        """See `Peer.close`; the Java process ends when this process does, which closes its input."""
        self._timed_command("close")

    def _timed_command(self, *command: str) -> float:
        """Send a command and return the seconds that it took."""
        self._write(*command)
        return int(self._read()[0]) / 1e9

    def _write(self, *command: str) -> None:
        assert self._java.stdin is not None
        self._java.stdin.write("\t".join(command) + "\n")
        self._java.stdin.flush()

    def _read(self) -> list[str]:
        assert self._java.stdout is not None
        outcome, *values = self._java.stdout.readline().rstrip("\n").split("\t")
        if outcome != "ok":
            raise RuntimeError(f"Lucene: {' '.join(values) or self._log.read_text('utf-8')[:2000]}")
        return values


def make(folder: Path) -> Lucene:
    """Return the engine with its index in `folder`; Lucene is downloaded on first use.

    Raises:
        NotInstalledError: there is no JDK, or Lucene must be downloaded and there is no Maven, or Maven failed.
    """
    return Lucene(folder)


def _fetch() -> None:
    """Download the jars of the pom, unless those of the same pom were downloaded before."""
    pom, fetched_for = SOURCE / "pom.xml", JARS / "pom.xml"
    if fetched_for.exists() and fetched_for.read_bytes() == pom.read_bytes():
        return
    shutil.rmtree(JARS, ignore_errors=True)
    maven = shutil.which("mvn")
    if maven is None:
        raise NotInstalledError("Lucene: install Maven (mvn), which downloads it")
    command = [maven, "-B", "-q", "-f", str(pom), "dependency:copy-dependencies"]
    fetched = subprocess.run(  # noqa: S603 - our own pom
        [*command, f"-DoutputDirectory={JARS}"], capture_output=True, text=True, check=False
    )
    if fetched.returncode:
        shutil.rmtree(JARS, ignore_errors=True)
        raise NotInstalledError(f"Lucene: Maven could not download it ({fetched.stdout.strip()[-300:]})")
    shutil.copyfile(pom, fetched_for)


def _items(text: str) -> list[str]:
    return text.split(_ITEM) if text else []


def _values(text: str) -> dict[str, int]:
    pairs = (item.split(_PART) for item in _items(text))
    return {label: int(count) for label, count in pairs}
