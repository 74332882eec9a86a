"""copytaster for Wagtail: pages are checked before they go live, with reasons, by whatever way they are published."""
