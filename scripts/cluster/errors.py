"""What can go wrong with a cluster on this machine."""

from __future__ import annotations


class ClusterError(Exception):
    """A cluster could not be started or reached; the text says why, and what to do."""
