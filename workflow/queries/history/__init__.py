"""Whether history is as it was written."""
