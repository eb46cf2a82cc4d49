"""What a calendar program reads of a person's work."""
