"""Codes by mail for one action: asked for, entered, and the session for that action alone."""
