"""The demo: a made-up sector, simulated through the real operations on a virtual clock, ending now."""
