"""The pages that people work on, rendered on the server."""
