"""Where things wait, and how long."""
