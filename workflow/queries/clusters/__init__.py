"""Clusters of a year."""
