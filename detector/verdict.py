"""The only place where a verdict is chosen."""
