"""The demo: an invented province, played through the real operations on a virtual clock, ending now."""
