"""Pages of whoever runs the whole installation; to everybody else there are none."""
