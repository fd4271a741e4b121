"""The read path of the embedded engine: searches over memory-mapped arrays of postings and columns."""
