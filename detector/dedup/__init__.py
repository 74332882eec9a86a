"""From a text to the earlier items that say the same."""
