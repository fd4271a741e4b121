"""The distributed engine's write path: an index on a cluster of OpenSearch nodes."""
