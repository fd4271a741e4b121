"""The embedded engine's write path: articles in SQLite, their words in files of arrays."""
