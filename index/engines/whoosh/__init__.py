"""The embedded engine's write path: articles in SQLite, terms and columns in Whoosh."""
