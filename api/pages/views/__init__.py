"""One module for each page or family of pages: reads a query or carries out one operation, renders."""
