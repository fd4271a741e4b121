"""Articles or index files of another day are put back: answers are right, or refused with what was lost."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from index import build
from index.errors import IndexingError
from index.layout import ARCHIVE_NAME
from search.errors import SearchError
from tests.index.embedded import open_writer
from tests.torture import library
from tests.torture.places import quick_folder

DAYS = 8


class Days:
    """One index, copied at the end of each day, with its answers; on some days it was left as by a kill."""

    def __init__(self, folder: Path) -> None:
        self.folders: list[Path] = []
        self.answers: list[list[str]] = []
        chance = random.Random(1)  # noqa: S311 - chance that can be repeated
        for day in range(DAYS):
            with open_writer(str(folder / "index"), create="UTC") as writer:
                for _ in range(chance.randrange(1, 4)):
                    writer.add(library.article(chance.randrange(60), day) for _ in range(chance.randrange(1, 12)))
                    writer.delete([f"{chance.randrange(60):03}" for _ in range(chance.randrange(4))])
                    writer.commit()
                if day % 2:  # SQLite's log is copied with the file
                    self.folders.append(Path(shutil.copytree(folder / "index", folder / f"day {day}")))
            if day % 2 == 0:
                self.folders.append(Path(shutil.copytree(folder / "index", folder / f"day {day}")))
            copy = shutil.copytree(self.folders[-1], folder / "copy", dirs_exist_ok=True)
            self.answers.append(library.ask(str(copy)))
            shutil.rmtree(copy)


@pytest.fixture(scope="module")
def days() -> Iterator[Days]:
    with quick_folder() as folder:
        yield Days(folder)


def put(source: Path, target: Path) -> None:
    """Copy articles over others, with the log that lies beside them, as `cp` would."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{target / ARCHIVE_NAME}{suffix}").unlink(missing_ok=True)
        beside = Path(f"{source / ARCHIVE_NAME}{suffix}")
        if beside.exists():
            shutil.copyfile(beside, f"{target / ARCHIVE_NAME}{suffix}")


def outcome(folder: Path, expected: list[str]) -> str:
    """Return how an index answers whose articles are those of `expected`."""
    try:
        found = library.ask(str(folder))
    except (SearchError, IndexingError) as error:
        text = str(error)
        assert "from a backup" in text, text
        assert "judhur index rebuild" in text, text
        build.rebuild(str(folder))
        found, told = library.ask(str(folder)), True
    else:
        told = False
    if found != expected or build.verify(str(folder)):
        return "wrong answers"
    return "refused, right after a rebuild" if told else "right at once"


def run(days: Days, scratch: Path, seeds: range, tally: Counter[str]) -> list[str]:
    """Combine index files of one day with articles of another for each seed; return the faults."""
    faults = []
    for seed in seeds:
        chance = random.Random(seed)  # noqa: S311 - as above
        index, articles = chance.randrange(DAYS), chance.randrange(DAYS)
        folder = Path(shutil.copytree(days.folders[index], scratch / str(seed)))
        put(days.folders[articles], folder)
        age = "older" if articles < index else "newer" if articles > index else "the same"
        how = outcome(folder, days.answers[articles])
        tally[f"articles put back, {age}: {how}"] += 1
        if how == "wrong answers" or (age == "older") != how.startswith("refused"):
            faults.append(f"seed {seed}: index of day {index}, articles of day {articles}: {how}")
        shutil.rmtree(folder)
    return faults


def test_articles_of_another_day_are_refused_or_indexed(days: Days, scratch: Path, tally: Counter[str]) -> None:
    assert not (faults := run(days, scratch, range(12), tally)), "\n".join(faults)


@pytest.mark.torture
@pytest.mark.parametrize("first", range(100, 300, 50))
def test_many_articles_of_another_day_are_refused_or_indexed(
    days: Days, first: int, scratch: Path, tally: Counter[str]
) -> None:
    assert not (faults := run(days, scratch, range(first, first + 50), tally)), "\n".join(faults)
