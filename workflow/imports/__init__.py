"""Imports: a file of rows becomes units, people, accounts, clusters, awards, days or submissions."""
