"""A definition: the route of a nomination as data."""
