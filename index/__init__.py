"""The write path: documents in, an index out. Imports nothing of `search` or `web`."""
