"""From a page or a text to the article: what stays, what goes, and why."""

from detector.clean.page import clean_html
from detector.clean.source_memory import SourceMemory, spared_line, without_repeats
from detector.clean.text import clean_text, text_as_it_is

__all__ = ["SourceMemory", "clean_html", "clean_text", "spared_line", "text_as_it_is", "without_repeats"]
