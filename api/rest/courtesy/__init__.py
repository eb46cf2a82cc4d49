"""What goes before a report to a superior, over JSON."""
