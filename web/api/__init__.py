"""The JSON API: its routes, the shape of the answers, and how results become JSON."""
