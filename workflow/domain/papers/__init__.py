"""Kinds of paper, and who may put which where."""
