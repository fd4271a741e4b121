"""The searchers of each engine."""
