"""Lists as files for a spreadsheet: the same rows as on their pages."""
