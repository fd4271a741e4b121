"""Checks that the files of an embedded index are undamaged and consistent with each other and with the articles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import numpy as np

from index.archive.reader import Archive
from index.engines.embedded.commit_point import generations
from index.engines.embedded.generation import Generation, open_newest
from index.engines.embedded.pairing import check_pair
from index.engines.embedded.sampling import sample_problems
from index.engines.embedded.segment import SECTIONS
from index.engines.embedded.verification import keep_verification
from index.errors import IndexDamagedError, IndexInconsistentError, command
from index.manifest import read_current_manifest
from index.schema import Section


def verify_files(folder: Path) -> tuple[str, ...]:
    """Return the problems of the index in `folder`, one line each with its remedy; empty if it is sound.

    Their number is kept in the folder for `/health`, if this user may write there.

    Raises:
        IndexMissingError, IndexDamagedError, IndexMismatchError, IndexNewerError: it cannot be opened at all.
    """
    manifest = read_current_manifest(folder)
    with closing(Archive(folder)) as archive:
        problems = tuple(_problems(folder, manifest.directory, archive))
    with suppress(OSError):  # a user who may only read verifies too, and tells nobody else
        keep_verification(folder, manifest.directory, len(problems))
    return problems


def _problems(folder: Path, directory: str, archive: Archive) -> list[str]:
    problems: list[str] = []
    try:
        problems += [f"{archive.path}: {line}; restore the file from a backup" for line in archive.check()]
        remedy = f"run {command('rebuild', folder)}"
        problems += [f"{problem}; {remedy}" for problem in _index_problems(folder, directory, archive)]
    except (IndexDamagedError, IndexInconsistentError) as error:
        problems = [*problems, str(error)]
    return problems


def _index_problems(folder: Path, directory: str, archive: Archive) -> Iterator[str]:
    generation = open_newest(folder, directory)
    if generation.fell_back:
        newest = generations(folder / directory)[0]
        yield f"the newest generation, {newest}, is damaged, searches use the previous one"
    lacking = check_pair(folder, archive, generation.commit_point)
    if lacking:
        yield f"the index lacks the last {lacking} changes of its articles"
    damages = [
        f"{segment.file.path} is damaged in its {name}"
        for segment in generation.segments
        for name in segment.file.damages()
    ]
    # problems of single documents in a damaged file would only be noise
    if damages:
        yield from damages
        return
    yield from _article_problems(generation, archive)
    yield from sample_problems(generation, archive)


def _article_problems(generation: Generation, archive: Archive) -> Iterator[str]:
    seen: set[str] = set()
    for segment, live in zip(generation.segments, generation.live, strict=True):
        ids = segment.ids.all()
        bounds = segment.section_starts.tolist()
        token_starts, token_lengths = segment.token_starts.whole(), segment.token_lengths.whole()
        for number in np.flatnonzero(live).tolist():
            document_id = ids[number].decode("utf-8", "surrogatepass")
            if document_id in seen:
                yield f"article {document_id} is in the index twice"
            seen.add(document_id)
            document = archive.get(document_id)
            if document is None:
                yield f"article {document_id} is in the index, but not among the articles"
                continue
            texts = {Section.TITLE: document.title, Section.BODY: document.text}
            for index, section in enumerate(SECTIONS, number * len(SECTIONS)):
                last = bounds[index + 1] - 1
                if last >= bounds[index] and int(token_starts[last]) + int(token_lengths[last]) > len(texts[section]):
                    yield f"the {section} of article {document_id} is shorter than its index entry"
    for document_id in archive.ids():
        if document_id not in seen:
            yield f"article {document_id} is not in the index"
