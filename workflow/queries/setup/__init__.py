"""What an installation is made of, for whoever runs it: what is there, accounts, files that were imported."""
