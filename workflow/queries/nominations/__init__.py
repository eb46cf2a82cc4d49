"""Nominations as their readers may see them."""
