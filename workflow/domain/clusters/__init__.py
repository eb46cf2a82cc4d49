"""Clusters: their officers, their words, their rotation."""
