"""copytaster: clean, deduplicate and judge news items before they are published."""
