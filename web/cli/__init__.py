"""The command `judhur`: its commands, and how they write to a terminal or a pipe.

Commands import inside their functions what takes long to import: the readers, the engines, Flask. So `judhur --help`
takes 0.1 s instead of 0.6 s, and a command loads its own part alone.
"""
