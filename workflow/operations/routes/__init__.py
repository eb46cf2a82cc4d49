"""A version of a route that takes the place of another: what is open on the old one goes over."""
