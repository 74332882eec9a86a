"""From a page or a text to the article."""
