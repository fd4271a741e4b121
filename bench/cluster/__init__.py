"""The engine on a cluster beside the embedded one: the same answers, the same quality, and what it costs."""
