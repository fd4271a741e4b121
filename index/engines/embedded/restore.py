"""Puts a copy of an index in the place of the one in a folder, in steps that can be interrupted anywhere.

The writer's lock of the target is held all the time. Each step is on disk before the next begins.

1. *Copy* into a folder inside the target (so on the same disk), and verify the copy. Until here the old index answers.
2. *Move* the new index files beside the old ones, where nothing names them yet.
3. *Empty the log* of the old articles, so that none of them is left in it.
4. *Close*: a placeholder takes the place of the manifest. From now on nobody can open the index, and the error that
   they get names this command as the remedy.
5. *Remove the log* of the old articles, and put the new ones in their place. SQLite would apply an old log to them.
6. *Open*: the new manifest takes the place of the placeholder. This is the moment of the restore.
7. *Remove* what is left of the old index.

A process that dies before 4 leaves the old index, after 6 the new one, and between them the placeholder. The folder
itself stays, with its owner and its permissions, so it may be a mount point, and a server follows.
"""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from index import disk
from index.archive.database import copies_of, empty_log, remove_log
from index.archive.reader import Archive
from index.engines.embedded.backup import check_apart
from index.engines.embedded.copying import Copied, copy_index, size_of
from index.engines.embedded.store import EmbeddedStore
from index.errors import (
    IndexDamagedError,
    IndexInconsistentError,
    IndexingError,
    IndexMissingError,
    IndexNewerError,
    IndexUnsoundError,
    SourceError,
    command,
)
from index.layout import ARCHIVE_NAME, MANIFEST_NAME, STAGED_NAME, directories, unused_directory
from index.lock import WriterLock, make_index_folder
from index.manifest import close_for_restore, interrupted_restore, read_manifest, write_manifest
from index.store import Progress


def restore(source: Path, target: Path, *, replace: bool = False, progress: Progress | None = None) -> Copied:
    """Put a copy of the index in `source` in the place of the one in `target`, and return what was copied.

    Articles in `target` are given up with `replace` alone, or if a restore from the same `source` was interrupted.

    Raises:
        SourceError: the two are not apart, or `target` has articles, and `replace` was not given.
        IndexMissingError, IndexDamagedError, IndexNewerError: there is no index in `source` that can be copied.
        IndexUnsoundError: `source` has problems, and nothing was changed; or `target` has, after the restore.
        IndexLockedError: another process writes to `target`.
        IndexingError: a disk error; the message says whether the old index is still there.
    """
    check_apart(source.resolve(), target.resolve(), "name the folder of a backup, and that of the index")
    if not source.is_dir():
        raise IndexMissingError(f"no index at {source}; name the folder of a backup")
    with closing(Archive(source, older=True)):  # before a folder is made for it
        pass
    make_index_folder(target)
    with WriterLock(target), _explained(source, target):
        if not replace and interrupted_restore(target) != source.resolve():
            _refuse_loss(source, target)
        copied = _put(source, target, progress)
        if not copied.outdated and (problems := EmbeddedStore(str(target)).verify()):
            raise IndexUnsoundError(f"the restored index at {target} has problems: check the disk", problems)
    return dataclasses.replace(copied, size_bytes=size_of(target))


def _put(source: Path, target: Path, progress: Progress | None) -> Copied:
    staged = target / STAGED_NAME
    if staged.exists():
        disk.remove_folder(staged)
    disk.make_folder(staged)
    try:
        copied = copy_index(source, staged, progress)
        directory = unused_directory(target)
        if copied.directory:
            write_manifest(staged, dataclasses.replace(read_manifest(staged), directory=directory))
            disk.rename(staged / copied.directory, target / directory)
            disk.sync_folder(target)
        _replace_articles(source, staged, target)
        disk.rename(staged / MANIFEST_NAME, target / MANIFEST_NAME)
        disk.sync_folder(target)
        _remove_old(target, directory)
    finally:
        disk.remove_folder(staged)
    return copied


def _replace_articles(source: Path, staged: Path, target: Path) -> None:
    """Close the index, and put the new articles in the place of the old ones."""
    archive = target / ARCHIVE_NAME
    for path in (staged / ARCHIVE_NAME, archive):
        if path.exists():
            empty_log(path)
    close_for_restore(target, source.resolve())
    remove_log(archive)
    disk.sync_folder(target)
    disk.rename(staged / ARCHIVE_NAME, archive)
    remove_log(archive)  # one that a reader of the old articles made meanwhile
    disk.sync_folder(target)


def _remove_old(target: Path, directory: str) -> None:
    for _, path in directories(target):
        if path.name != directory:
            disk.remove_folder(path)
    for path in copies_of(target / ARCHIVE_NAME):
        disk.remove(path)


def _refuse_loss(source: Path, target: Path) -> None:
    """Raise an error that says what would be lost, if `target` has articles.

    Raises:
        SourceError: it has.
    """
    try:
        with closing(Archive(target, older=True)) as archive, closing(Archive(source, older=True)) as restored:
            count = archive.count()
            loss = _loss(archive, restored)
    except (IndexMissingError, IndexInconsistentError):  # no index, or one without its articles
        return
    except (IndexDamagedError, IndexNewerError) as error:
        count, loss = 1, f"which this Judhur cannot read ({error})"
        there = "articles"
    else:
        there = f"{count:,} articles"
    if count:
        again = command(f"restore {shlex.quote(str(source))} --replace", target)
        raise SourceError(f"the index at {target} has {there}, {loss}; to replace them: {again}; nothing was changed")


def _loss(archive: Archive, restored: Archive) -> str:
    """Return what those who restore lose, as a clause about the articles of `archive`."""
    mine, theirs = archive.newest_commit(), restored.newest_commit()
    if not mine.archive or mine.archive != theirs.archive:
        return "which are those of another index than the backup's"
    if theirs.change <= mine.change and archive.history(theirs.change).name == theirs.name:
        ahead = mine.change - theirs.change
        return f"with {ahead:,} changes that the backup lacks" if ahead else "which are those of the backup"
    if mine.change < theirs.change and restored.history(mine.change).name == mine.name:
        return f"all of which the backup has, with {theirs.change - mine.change:,} later changes"
    return "which have gone another way than the backup's since an earlier restore"


@contextmanager
def _explained(source: Path, target: Path) -> Iterator[None]:
    """Translate an error of the disk into ours, which says where the restore stands."""
    try:
        yield
    except OSError as error:
        again = command(f"restore {shlex.quote(str(source))} --replace", target)
        state = f"the restore is not complete: run it again: {again}"
        if interrupted_restore(target) is None:
            state = "the index is as it was before, or wholly restored: free some disk space, or check the disk"
        raise IndexingError(f"{error.filename or target}: {error.strerror or error}; {state}") from error
