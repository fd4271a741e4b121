"""Do the state and the articles of an archive belong together? Someone may have restored one of them from a snapshot.

A writer begins an epoch in the state before it sends anything, and its changes have the numbers of that epoch. So
articles of a later epoch than the state's are newer than it. Each commit also notes the highest change number that its
articles have. While the state is that of this commit, a lower number says that the articles are older: no writer takes
back a number. (A commit that only deletes may leave the number as it was; then older articles are not recognized.)
"""

from __future__ import annotations

import time
from collections.abc import Callable

from index.engines.opensearch.connection import Cluster
from index.engines.opensearch.control import Control, State
from index.engines.opensearch.mapping import names
from index.engines.opensearch.versions import newest_change
from index.errors import IndexInconsistentError

EPOCH = 1 << 32
"""Maximum number of changes of one writer; the change numbers of the next writer begin above them."""
_PAUSES = (0.0, 0.1, 0.4)
"""Seconds before each comparison: a copy of a shard that has just come back may lack the newest articles."""


def check_pair(cluster: Cluster, control: Control, state: State, newest: Callable[[], int] | None = None) -> None:
    """Make sure that the visible articles of the active version are those of a state that was read just before.

    `newest` returns the highest change number among them, if somebody else is to ask for it.

    Raises:
        IndexInconsistentError: they are of another day.
        ClusterError: the cluster did not answer.
    """
    fault = ""
    for pause in _PAUSES:
        time.sleep(pause)
        fault = pair_fault(cluster, control, state, newest)
        if not fault:
            return
        current = control.state()
        if (current.epoch, current.generation, current.sending) != (state.epoch, state.generation, state.sending):
            return  # a writer has changed both meanwhile
    raise IndexInconsistentError(fault)


def pair_fault(cluster: Cluster, control: Control, state: State, newest: Callable[[], int] | None = None) -> str:
    """Return why articles and state do not belong together, with the remedy; empty if they do.

    Raises:
        ClusterError: the cluster did not answer.
    """
    target = names(cluster.address.name, state.version)
    highest = newest() if newest else newest_change(cluster, target)
    where = cluster.address.redacted
    fault = ""
    if highest > (state.epoch + 1) * EPOCH:
        fault = f"{control.index} at {where} is older than the articles in {target.articles}"
    elif not state.sending and highest < control.noted_change(state.generation):
        fault = f"the articles in {target.articles} at {where} are older than {control.index}"
    return fault and (
        f"{fault}; delete the indices {cluster.address.name}-* and restore all of them from one snapshot, or copy the "
        f"articles that are there into another index: `judhur index migrate {where} TO`"
    )


def note_change(cluster: Cluster, control: Control, state: State, generation: str) -> None:
    """Note the highest change number of the visible articles, which a commit is about to name `generation`."""
    newest = newest_change(cluster, names(cluster.address.name, state.version))
    control.note_change(generation, newest)
