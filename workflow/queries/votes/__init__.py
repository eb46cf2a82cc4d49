"""What waits for a council's result or a signature, name by name, and what a council said."""
