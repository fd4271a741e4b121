"""A real OpenSearch cluster on this machine, one process per node: for `make cluster` and for the tests."""
