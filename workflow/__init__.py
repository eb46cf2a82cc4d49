"""The rules and the record of a nomination: everything that decides, stores or composes."""
