"""What can be imported, one file for each kind of table."""
