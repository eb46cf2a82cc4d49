"""The days that count, and what rests on them."""
