"""Reminding by hand: a person presses whoever holds work, once a working day."""
