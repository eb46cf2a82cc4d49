"""Spreadsheets and text as people see them."""
