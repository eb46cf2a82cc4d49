"""A unit's paper with its list of names."""
