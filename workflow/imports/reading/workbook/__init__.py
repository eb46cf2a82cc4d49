"""Workbooks (XLSX) read as a spreadsheet program shows them, in a process of their own with limits."""
