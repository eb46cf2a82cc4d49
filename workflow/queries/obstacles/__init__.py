"""Work that cannot go on, for those who can help."""
