"""What was said already to whoever holds work, and who may press them."""
