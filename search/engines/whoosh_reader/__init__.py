"""A Judhur folder as a read-only `whoosh` index, for people who know Whoosh."""
