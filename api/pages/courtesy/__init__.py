"""Pages of what goes before a report to a superior."""
