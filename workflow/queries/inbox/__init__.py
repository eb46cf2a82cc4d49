"""The work that waits for somebody."""
