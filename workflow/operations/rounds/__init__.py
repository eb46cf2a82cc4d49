"""Rounds, their campaigns and extensions, and what units owe them."""
