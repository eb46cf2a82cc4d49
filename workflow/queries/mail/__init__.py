"""Letters and their fate."""
