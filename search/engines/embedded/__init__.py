"""The embedded engine's read path: searches over memory-mapped arrays of postings and columns."""
