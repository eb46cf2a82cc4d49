"""What time will bring, and what keeps work from going on, over JSON."""
