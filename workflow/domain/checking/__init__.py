"""Whether a definition can be used."""
