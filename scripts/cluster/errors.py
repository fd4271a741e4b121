"""Errors of the local cluster."""

from __future__ import annotations


class ClusterError(Exception):
    """A cluster could not be started or reached; the message says why, and what to do."""
