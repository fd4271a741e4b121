"""Damaged, truncated, emptied and missing files: any damage is detected or changes no answer."""

from __future__ import annotations

import dataclasses
import functools
import random
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index import build
from index.engines.embedded.commit_point import generations, read_commit_point
from tests.torture import library, processes
from tests.torture.library import Judgment, Verdict
from tests.torture.places import quick_folder

ARCHIVE = "articles.sqlite3"


@dataclasses.dataclass(frozen=True, slots=True)
class Sound:
    """An index before it is damaged, and its answers."""

    folder: Path
    answers: list[str]
    merged: list[str]
    """Its answers after `library.merge`."""

    def kinds(self) -> list[list[Path]]:
        """Return its files, grouped by kind."""
        kinds = defaultdict(list)
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                kinds[re.sub(r"(_|\d).*(?=\.)", "", path.name)].append(path.relative_to(self.folder))
        return [kinds[kind] for kind in sorted(kinds)]


def flipped_bit(data: bytearray, chance: random.Random) -> None:
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def other_byte(data: bytearray, chance: random.Random) -> None:
    offset = chance.randrange(len(data))
    data[offset] = (data[offset] + chance.randrange(1, 256)) % 256


def cut_off(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


def zeroed_page(data: bytearray, chance: random.Random) -> None:
    size = chance.choice((16, 512, 4096))
    first = chance.randrange(len(data)) // size * size
    data[first : first + size] = bytes(len(data[first : first + size]))


def shuffled_page(data: bytearray, chance: random.Random) -> None:
    first = chance.randrange(len(data))
    data[first : first + 64] = chance.randbytes(len(data[first : first + 64]))


def lengthened(data: bytearray, chance: random.Random) -> None:
    data += chance.randbytes(chance.randrange(1, 5000))


def emptied(data: bytearray, _: random.Random) -> None:
    data.clear()


DAMAGES: tuple[Callable[[bytearray, random.Random], None], ...] = (
    *(flipped_bit, other_byte) * 3,
    *(cut_off, zeroed_page, shuffled_page) * 2,
    lengthened,
    emptied,
)


def damage(folder: Path, kinds: list[list[Path]], chance: random.Random) -> tuple[Path, str]:
    """Damage one random file of a folder; return its path and a description of the damage."""
    path = chance.choice(chance.choice(kinds))
    data = bytearray((folder / path).read_bytes())
    if not data or chance.random() < 0.05:
        (folder / path).unlink()
        return path, "deleted"
    before = bytes(data)
    how = chance.choice(DAMAGES)
    while bytes(data) == before:
        data[:] = before
        how(data, chance) if any(before) or how is not zeroed_page else flipped_bit(data, chance)
    (folder / path).write_bytes(data)
    changed = next((offset for offset, pair in enumerate(zip(before, data, strict=False)) if pair[0] != pair[1]), -1)
    return path, f"{how.__name__} from byte {changed} of {len(before)}"


@pytest.fixture(scope="module")
def closed() -> Iterator[Sound]:
    with quick_folder() as folder:
        library.make(str(folder / "index"))
        yield answered(folder / "index")


@pytest.fixture(scope="module")
def large() -> Iterator[Sound]:
    with quick_folder() as folder:
        library.make_large(str(folder / "index"))
        yield answered(folder / "index")


@pytest.fixture(scope="module")
def half_closed() -> Iterator[Sound]:
    with quick_folder() as folder:
        with library.half_closed(str(folder / "written")):
            shutil.copytree(folder / "written", folder / "index")
        assert (folder / "index" / f"{ARCHIVE}-wal").stat().st_size > 0
        yield answered(folder / "index")


def answered(folder: Path) -> Sound:
    copy = folder.with_name("copy")  # opening an index may change its files
    shutil.copytree(folder, copy)
    answers = library.ask(str(copy))
    assert build.verify(str(copy)) == ()
    segments = newest_segments(copy)
    library.merge(str(copy))
    assert segments - newest_segments(copy), "no segments were merged"
    return Sound(folder, answers, library.ask(str(copy)))


def newest_segments(folder: Path) -> set[str]:
    """Return the names of the segments of the newest generation."""
    commit_point = read_commit_point(generations(next(folder.glob("segments-*")))[0])
    return {entry.name for entry in commit_point.segments}


def judged(folder: Path, answers: list[str], *, merging: bool = False) -> Judgment:
    judge = functools.partial(library.judge_apart, merging=merging)
    with processes.started(judge, str(folder), answers) as (process, pipe):
        messages = processes.received(pipe)
        process.join()
        judgment: Judgment
        (judgment,) = messages or [Judgment(Verdict.CRASHED, f"status {process.exitcode}")]
    return judgment


GOOD = (Verdict.HARMLESS, Verdict.DETECTED, Verdict.VERIFIED)


def run(sound: Sound, scratch: Path, seeds: range, tally: Counter[str], *, merging: bool = False) -> list[str]:
    """Damage a copy of an index for each seed; return the damages that were neither told nor harmless.

    With `merging`, segments are merged after the damage, and the answers after that are compared.
    """
    when = "damages before a merge" if merging else "damages"
    kinds = sound.kinds()
    faults = []
    for seed in seeds:
        folder = scratch / str(seed)
        shutil.copytree(sound.folder, folder)
        path, how = damage(folder, kinds, random.Random(seed))  # noqa: S311 - chance that can be repeated
        answers = sound.merged if merging else sound.answers
        judgment = judged(folder, answers, merging=merging)
        tally[f"{when}: all"] += 1
        tally[f"{when}: {judgment.verdict}"] += 1
        tally[f"{when} to *{path.suffix}: {judgment.verdict}"] += 1
        description = f"seed {seed}: {path} {how}: {judgment.verdict}: {judgment.detail}"
        if judgment.verdict not in GOOD:
            faults.append(description)
        elif judgment.verdict is not Verdict.HARMLESS and not merging and not path.name.startswith(ARCHIVE):
            faults += [f"{description}; {fault}" for fault in faults_after_rebuild(folder, sound)]
        shutil.rmtree(folder)
    return faults


def faults_after_rebuild(folder: Path, sound: Sound) -> list[str]:
    """Return what is still wrong after a rebuild, the remedy that the messages name."""
    build.rebuild(str(folder))
    if (problems := build.verify(str(folder))) or library.ask(str(folder)) != sound.answers:
        return [f"a rebuild does not repair it: {problems or 'other answers'}"]
    return []


@pytest.mark.parametrize("first", range(0, 90, 30))
def test_damage_is_detected_or_harmless(closed: Sound, first: int, scratch: Path, tally: Counter[str]) -> None:
    assert not (faults := run(closed, scratch, range(first, first + 30), tally)), "\n".join(faults)


def test_damage_after_a_kill_is_detected_or_harmless(half_closed: Sound, scratch: Path, tally: Counter[str]) -> None:
    assert not (faults := run(half_closed, scratch, range(100, 130), tally)), "\n".join(faults)


def test_no_merge_takes_damage_over(closed: Sound, scratch: Path, tally: Counter[str]) -> None:
    assert not (faults := run(closed, scratch, range(200, 230), tally, merging=True)), "\n".join(faults)


@pytest.mark.torture
@pytest.mark.parametrize("first", range(4_000, 4_400, 100))
def test_no_merge_of_many_takes_damage_over(closed: Sound, first: int, scratch: Path, tally: Counter[str]) -> None:
    assert not (faults := run(closed, scratch, range(first, first + 100), tally, merging=True)), "\n".join(faults)


@pytest.mark.torture
@pytest.mark.parametrize("first", range(1_000, 3_000, 100))
def test_much_damage_is_detected_or_harmless(
    closed: Sound, half_closed: Sound, first: int, scratch: Path, tally: Counter[str]
) -> None:
    sound = half_closed if first % 400 == 0 else closed
    assert not (faults := run(sound, scratch, range(first, first + 100), tally)), "\n".join(faults)


@pytest.mark.torture
@pytest.mark.parametrize("first", range(5_000, 5_300, 50))
@pytest.mark.parametrize("merging", [False, True], ids=["read", "merged"])
def test_damage_to_a_block_is_told_when_it_is_read(
    large: Sound, first: int, scratch: Path, tally: Counter[str], *, merging: bool
) -> None:
    assert not (faults := run(large, scratch, range(first, first + 50), tally, merging=merging)), "\n".join(faults)


def test_the_damages_affect_every_kind_of_file(closed: Sound, scratch: Path) -> None:
    kinds = closed.kinds()
    hit: set[Path] = set()
    for seed in range(90):
        folder = scratch / str(seed)
        shutil.copytree(closed.folder, folder)
        hit.add(damage(folder, kinds, random.Random(seed))[0])  # noqa: S311 - chance that can be repeated
    assert [kind for kind in kinds if not hit.intersection(kind)] == []
