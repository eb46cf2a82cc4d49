"""Clocks and the rungs they promise; seats that nobody holds, and work that nobody may hold."""
