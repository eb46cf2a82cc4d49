"""The edge: the JSON interface, the pages, and the one composition root that joins everything."""
