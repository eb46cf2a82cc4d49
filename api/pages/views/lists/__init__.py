"""A list decided name by name in one pass: the names, the sheet, what came of it."""
