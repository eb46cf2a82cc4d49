"""Letters: composed from primitives, in Vietnamese and in English."""
