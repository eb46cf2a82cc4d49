"""What is said beside a nomination, by whom and for whom; nothing moves by it."""
