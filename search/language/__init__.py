"""The query language. `search/parser.py` runs its steps: lexer → structure → operators → leaves → builder."""
