"""A historical event log driven through the real operations on a virtual clock."""
