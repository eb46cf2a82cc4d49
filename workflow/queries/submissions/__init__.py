"""The papers that units send."""
