"""The distributed engine's write path: an index on a cluster of OpenSearch nodes.

Importing it, or its read path, without the client library raises MissingExtraError.
"""

from index.extras import importing

with importing("opensearch", "indexes on OpenSearch"):
    import opensearchpy  # noqa: F401 - the modules of this package import from it
    import urllib3  # noqa: F401 - as above
