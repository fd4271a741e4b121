"""Benchmarks. Figures are measured here, not in tests; each benchmark checks the answers that it times."""
