"""What surrounds every page: the ways to other pages."""
