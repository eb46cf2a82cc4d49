"""Files put to a nomination, a submission or a unit's answer."""
