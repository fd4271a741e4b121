"""Benchmarks: figures are measured here, never in tests; each checks its answers."""
