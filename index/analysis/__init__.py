"""Arabic analysis: texts in, words with terms for every match level out. Read `pipeline.py` first."""
