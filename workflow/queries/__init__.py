"""The reads: each returns frozen rows, takes no lock and writes nothing."""
