"""Lists of pages as files: the rows that the page shows, by the same words of its address."""
