"""Writing what happened: events chained to their streams."""
