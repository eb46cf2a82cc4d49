"""Rounds, and what units owe them."""
