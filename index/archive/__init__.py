"""The archive of an embedded index: its articles in SQLite, from which the index can be rebuilt."""
