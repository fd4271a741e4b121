"""Analysis: texts in, words with terms for every match level out. Each language has a folder; `arabic` is the one."""
