"""What a council's secretary and a head do for many names at once: a grid of results, sheets to print."""
