"""Scripts that build what is committed: lexicon, names, counts; and what the Makefile runs."""
