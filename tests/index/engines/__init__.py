"""The embedded engine's files: written, merged, and read where they lie."""
