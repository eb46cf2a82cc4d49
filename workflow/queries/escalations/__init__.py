"""Escalations that are to come, as the office that may hold them back sees them."""
