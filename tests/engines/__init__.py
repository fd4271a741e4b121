"""One contract for every engine."""
