"""The commands, one module for those that need the same: the command line loads what is called."""
