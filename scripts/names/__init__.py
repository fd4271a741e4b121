"""The build of the name data in `index/analysis/data/names`: `python -m scripts.names --help`."""
