"""Whether the files of an embedded index are what was written, fit together, and fit the articles they came from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from index.archive import Archive
from index.engines.whoosh.arrays import Array
from index.engines.whoosh.contents import generations
from index.engines.whoosh.generation import Generation, open_newest
from index.engines.whoosh.segment import SECTIONS
from index.errors import IndexDamagedError, command
from index.manifest import read_current_manifest
from index.schema import Section


def verify_files(folder: Path) -> tuple[str, ...]:
    """Return the problems of the index in `folder`, a line each with its remedy; empty when it is sound.

    Raises:
        IndexMissingError, IndexDamagedError, IndexMismatchError: it cannot be opened at all.
    """
    manifest = read_current_manifest(folder)
    archive = Archive(folder)
    try:
        problems = [f"{archive.path}: {line}; restore the file from a backup" for line in archive.check()]
        remedy = f"run {command('rebuild', folder)}"
        problems += [f"{problem}; {remedy}" for problem in _index_problems(folder, manifest.directory, archive)]
    except IndexDamagedError as error:
        problems = [str(error)]
    finally:
        archive.close()
    return tuple(problems)


def _index_problems(folder: Path, directory: str, archive: Archive) -> Iterator[str]:
    generation = open_newest(folder, directory)
    newest = generations(folder / directory)[0]
    if newest.name != generation.contents.file:
        yield f"the newest generation, {newest}, is damaged, the one before it answers"
    missed = archive.last_change() - generation.contents.change
    if missed:
        yield f"the index has not read the last {missed} changes of its articles"
    damages = [
        f"{segment.file.path} is damaged in its {name}"
        for segment in generation.segments
        for name in segment.file.damages()
    ]
    # what a damaged file says of its documents would only be noise
    yield from damages or _article_problems(generation, archive)


def _article_problems(generation: Generation, archive: Archive) -> Iterator[str]:
    seen: set[str] = set()
    for segment, live in zip(generation.segments, generation.live, strict=True):
        ids = segment.ids.all()
        ends = _text_ends(segment.section_starts, segment.token_gaps, segment.token_lengths)
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
            for place, section in enumerate(SECTIONS, number * len(SECTIONS)):
                if ends[place] > len(texts[section]):
                    yield f"the {section} of article {document_id} is shorter than its index entry"
    for document_id in archive.ids():
        if document_id not in seen:
            yield f"article {document_id} is not in the index"


def _text_ends(starts: Array, gaps: Array, lengths: Array) -> list[int]:
    """Return where the last token of each section ends, in code points."""
    ends = np.concatenate([[0], np.cumsum(gaps.astype(np.int64) + lengths)])
    reached: list[int] = (ends[starts[1:]] - ends[starts[:-1]]).tolist()
    return reached
