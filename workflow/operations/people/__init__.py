"""Accounts, grants, passwords, sessions."""
