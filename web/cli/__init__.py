"""The command `judhur`: its commands, and how they write to a terminal or a pipe."""
