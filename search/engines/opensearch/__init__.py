"""The distributed engine's read path: query trees over an index on a cluster of OpenSearch nodes."""
