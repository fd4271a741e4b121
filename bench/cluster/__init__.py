"""Comparison of the engine on a cluster with the embedded one: equal answers, equal quality, and the cost."""
