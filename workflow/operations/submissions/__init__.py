"""A unit's submission with its list of names."""
