"""The files of the embedded engine: writing, merging, and reading."""
