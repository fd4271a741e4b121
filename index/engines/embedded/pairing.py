"""Do the articles and the index in a folder belong together? Someone may have restored one of them from a backup."""

from __future__ import annotations

from pathlib import Path

from index.archive.reader import Archive
from index.engines.embedded.commit_point import CommitPoint
from index.errors import IndexInconsistentError, command
from index.layout import ARCHIVE_NAME


def check_pair(folder: Path, archive: Archive, commit_point: CommitPoint) -> int:
    """Return how many changes of its articles an index lacks, which a crash may have left out of it.

    Raises:
        IndexInconsistentError: the articles are older than the index, are those of another index, or have gone another
            way since they were restored.
    """
    history = archive.history(commit_point.change)
    fault = ""
    if commit_point.archive and history.archive not in ("", commit_point.archive):
        fault = "belong to another index"
    elif history.change < commit_point.change:
        fault = f"are older than the index: they lack its last {commit_point.change - history.change:,} changes"
    elif commit_point.commit and history.name != commit_point.commit:
        fault = f"are not those that the index was made from, at the latest since change {commit_point.change:,}"
    if fault:
        raise IndexInconsistentError(
            f"the articles at {folder} {fault}; restore the {ARCHIVE_NAME} of the index from a backup, or index the "
            f"articles that are there: {command('rebuild', folder)}"
        )
    return history.change - commit_point.change


def check_readable(folder: Path, archive: Archive, commit_point: CommitPoint) -> int:
    """Return what `check_pair` does, if searches can read the articles as they were when the index was made.

    Raises:
        IndexInconsistentError: as `check_pair`; or the index is so much older than the articles that the archive does
            not keep their former texts any more.
    """
    lacking = check_pair(folder, archive, commit_point)
    if commit_point.change < archive.history(commit_point.change).forgotten:
        raise IndexInconsistentError(
            f"the index at {folder} is older than its articles: it lacks their last {lacking:,} changes; apply them: "
            f"{command('add', folder)}"
        )
    return lacking
