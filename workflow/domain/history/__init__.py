"""The chain of events, and what they attest."""
