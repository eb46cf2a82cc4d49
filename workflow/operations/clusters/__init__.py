"""Clusters and blocks of a year."""
