"""A calendar that changed: what of the open work moves with it."""
