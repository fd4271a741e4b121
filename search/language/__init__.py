"""The query language, in running order: lexer → structure → leaves → builder. `search/parser.py` joins them."""
