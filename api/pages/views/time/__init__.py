"""The pages about what time will bring."""
