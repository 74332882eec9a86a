"""Matches as groups and family trees, for people to look at."""
