"""The groups of the command line: each module is loaded when its command is called, not before."""
