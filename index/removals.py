"""The removals of `--sync`, and the brake on them.

An emptied folder, a share that is not mounted and a truncated file all look like articles that were deleted on purpose.
So a run that would remove more than half of the articles under one of its paths stops, unless it is told that this is
meant. The paths are counted one by one: a small one does not hide behind a large one.

A run that is stopped is often repeated unchanged, by a timer. Its own new articles must not tip the balance the next
time, so they are taken out again where they would.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from index.errors import RemovalsError
from index.writer import ArticleWriter

FEW = 5
"""So many articles may be removed under a path whatever their share, as long as other articles are still there."""
_NAMED = 5
"""Paths that a message names."""


class CoveredOrigins(Protocol):
    """The origins that a run reads; `index.sources.files.Origins` implements it."""

    @property
    def roots(self) -> tuple[Path, ...]:
        """The paths of the run."""

    def covers(self, origin: str) -> bool:
        """Return whether the run would have found an article of this origin if it still existed."""


@dataclasses.dataclass(frozen=True, slots=True)
class Loss:
    """What a run would remove under one path."""

    root: Path
    missing: int
    known: int
    """Articles that the index had under the path before the run, those of unreadable files aside."""
    new: int
    """Articles that the run has added under the path."""

    @property
    def is_excessive(self) -> bool:
        """Return whether the run has to stop."""
        return _is_excessive(self.missing, self.known)

    @property
    def hides_later(self) -> bool:
        """Return whether the same run would not stop again if its new articles stayed."""
        return not _is_excessive(self.missing, self.known + self.new)


class Removal:
    """The articles that a run did not find again, after its last commit."""

    def __init__(
        self, writer: ArticleWriter, origins: CoveredOrigins, unreadable: Collection[str], seen: Collection[str]
    ) -> None:
        """Find what is missing: the articles whose origin was read this time and whose ids are not among the `seen`."""
        self._writer = writer
        self._origins = origins
        self._roots = frozenset(origins.roots)
        self._unreadable = unreadable
        self._missing = [name for name in writer.ids_by_origin(self._was_read) if name not in seen]

    def check(self, new: Collection[str]) -> None:
        """Stop the run if too much is missing; `new` are the ids of the articles that it has added.

        Raises:
            RemovalsError: most of the articles under a path are missing. None was removed.
        """
        if not self._missing:
            return
        new_origins = self._origins_of(new)
        excessive = [loss for loss in self._losses(new_origins.values()) if loss.is_excessive]
        if not excessive:
            return
        hiding = {loss.root for loss in excessive if loss.hides_later and loss.new}
        dropped = [name for name, origin in new_origins.items() if not hiding.isdisjoint(self._roots_of(origin))]
        if dropped:
            self._writer.delete(dropped)
            self._writer.commit()
        raise RemovalsError(_message(excessive, len(dropped)))

    def remove(self) -> int:
        """Delete the missing articles, from the next commit on; return their number."""
        return self._writer.delete(self._missing)

    def _was_read(self, origin: str) -> bool:
        return self._origins.covers(origin) and origin not in self._unreadable

    def _origins_of(self, ids: Collection[str]) -> dict[str, str]:
        return {name: existing.origin for name, existing in self._writer.existing(list(ids)).items()}

    def _losses(self, new_origins: Iterable[str]) -> list[Loss]:
        """Return the loss of each path under which something is missing, in the order of the paths."""
        missing = self._by_root(self._origins_of(self._missing).values())
        new = self._by_root(filter(self._was_read, new_origins))
        present: collections.Counter[Path] = collections.Counter()

        def count(origin: str) -> bool:
            if self._was_read(origin):
                present.update(self._roots_of(origin))
            return False

        self._writer.ids_by_origin(count)
        return [
            Loss(root, missing[root], present[root] - new[root], new[root])
            for root in dict.fromkeys(self._origins.roots)
            if missing[root]
        ]

    def _by_root(self, origins: Iterable[str]) -> collections.Counter[Path]:
        return collections.Counter(root for origin in origins for root in self._roots_of(origin))

    def _roots_of(self, origin: str) -> Iterator[Path]:
        path = Path(origin)
        return (place for place in (path, *path.parents) if place in self._roots)


def _is_excessive(missing: int, known: int) -> bool:
    return missing >= known or (missing > FEW and 2 * missing > known)


def _message(losses: Sequence[Loss], dropped: int) -> str:
    shares = [f"{loss.missing:,} of the {loss.known:,} articles under {loss.root}" for loss in losses[:_NAMED]]
    if more := losses[_NAMED:]:
        shares.append(f"most articles under {len(more):,} more paths")
    kept = (
        f"its {dropped:,} new articles there were taken out again, lest they hide the loss from the next run"
        if dropped
        else "what it added or replaced stays"
    )
    return (
        f"this run does not find {', and '.join(shares)}; nothing was removed, and {kept}. Check that everything is "
        "mounted, readable and complete, and run the command again; if these articles are to be removed, "
        "add --allow-removals"
    )
