"""Errors of the write path: all exceptions of `index/` that a caller has to expect."""

from __future__ import annotations

import errno
import shlex
from pathlib import Path

from index.location import redacted

_OUT_OF_MEMORY = ("can't start new thread", "failed to map segment", "annot allocate memory")
"""What Python and the dynamic loader say when memory is short, in errors of other kinds."""


def command(action: str, location: Path | str) -> str:
    """Return the command line of `judhur index {action}` for the index at `location`, in backticks, for a message.

    It is quoted for a shell. User and password are left out.
    """
    return f"`judhur index {action} --index {shlex.quote(redacted(str(location)))}`"


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an exception, or what it was raised from, says that the process may not have more memory."""
    cause = error.__cause__ or error.__context__
    return (
        isinstance(error, MemoryError)
        or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
        or (isinstance(error, RuntimeError | ImportError) and any(words in str(error) for words in _OUT_OF_MEMORY))
        or (cause is not None and is_out_of_memory(cause))
    )


class IndexingError(Exception):
    """Base of the write path's errors. The message says what failed, where, and what to do."""


class SourceError(IndexingError):
    """A source path cannot be read: it is missing, or of an unsupported kind."""


class MissingExtraError(SourceError):
    """A library for this kind of file or index is not installed; the message names the extra to install."""


class RemovalsError(IndexingError):
    """`--sync` would remove most of the articles under one of its paths; the message says how many, and what to do."""


class IndexMissingError(IndexingError):
    """There is no index at the location."""


class IndexMismatchError(IndexingError):
    """The index was built by another format or analyzer, or its articles are kept in an older version.

    `judhur index rebuild` builds it again.
    """


class IndexNewerError(IndexingError):
    """A newer Judhur wrote the articles, in a version that this one does not know."""


class IndexLockedError(IndexingError):
    """Another process is writing this index; the message names it."""


class ArchiveChangedError(IndexingError):
    """A writer changed the articles during a long read that nothing protected; the same read may be tried again."""


class IndexReadOnlyError(IndexingError):
    """This user may not write to the index."""


class IndexDamagedError(IndexingError):
    """The files of the index are damaged or inconsistent; `judhur index rebuild` fixes it."""


class FileDamagedError(IndexDamagedError):
    """A file in a directory of index files is missing, or is not what was written."""

    def __init__(self, path: Path, problem: str) -> None:
        """Take the file, and what is wrong with it: "is damaged in its tokens"."""
        self.problem = f"{path} {problem}"
        """The message without the remedy."""
        super().__init__(f"{self.problem}; run {command('rebuild', path.parent.parent)}")


class IndexInconsistentError(IndexingError):
    """The articles and the index in a folder do not belong together, since one of them was replaced or removed.

    The message says what was lost. A backup of the same day helps, or `judhur index rebuild`.
    """


class IndexUnsoundError(IndexingError):
    """The copy of an index has problems, so it is not used as a backup, or not restored; `problems` has a line each."""

    def __init__(self, message: str, problems: tuple[str, ...]) -> None:
        """Keep the problems; `message` says what was not done because of them."""
        super().__init__(message)
        self.problems = problems
