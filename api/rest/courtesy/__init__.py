"""What is said beside deciding, over JSON: calls, dates, reports held back, comments."""
