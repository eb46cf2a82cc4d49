"""The submissions that units send."""
