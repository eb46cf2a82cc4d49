"""`commendo up`: everything on this machine, begun light and side by side."""
