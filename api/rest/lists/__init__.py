"""Lists over JSON as files in the form of an office."""
