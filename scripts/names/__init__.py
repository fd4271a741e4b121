"""The build of the name data in `index/analysis/arabic/data/names`: `python -m scripts.names --help`."""
