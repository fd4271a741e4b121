"""The write path of the embedded engine: articles in SQLite, the inverted index in files of arrays."""
