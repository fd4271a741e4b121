"""The embedded engine's read path: arrays over Whoosh's postings and columns."""
