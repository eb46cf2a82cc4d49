"""What time will bring, over JSON."""
