"""Comments that name somebody: what waits to be read by the reader, and whom they may name."""
