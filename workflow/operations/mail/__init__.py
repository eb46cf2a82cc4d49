"""Letters on their way: promised as rows, composed, handed over, settled."""
