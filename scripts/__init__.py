"""Scripts that build committed data (lexicon, names, counts), and scripts that the Makefile runs."""
