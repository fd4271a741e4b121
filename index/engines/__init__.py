"""The writers of each engine."""
