"""`commendo mail` and `commendo mail-way`: what comes back, what failed, and where letters go."""
