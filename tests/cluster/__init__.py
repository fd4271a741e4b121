"""Tests with a real cluster, and the harness that runs it."""
