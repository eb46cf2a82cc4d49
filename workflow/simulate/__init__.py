"""A season of a made-up sector, played through the real operations on a virtual clock."""
