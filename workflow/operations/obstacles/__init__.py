"""Work that cannot go on: found every hour, told to whoever can help."""
