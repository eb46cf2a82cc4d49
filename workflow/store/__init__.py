"""The tables, and the one place where a scope becomes SQL."""
