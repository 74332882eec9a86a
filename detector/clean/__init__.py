"""From a page or a text to the article: what stays, what goes, and why."""

import typing as _typing

from detector.lazy import brought as _brought

if _typing.TYPE_CHECKING:
    from detector.clean.page import clean_html
    from detector.clean.source_memory import SourceMemory, spared_line, without_repeats
    from detector.clean.text import clean_text

__all__ = ["SourceMemory", "clean_html", "clean_text", "spared_line", "without_repeats"]

if not _typing.TYPE_CHECKING:  # who decodes a text need not load the cleaner
    __getattr__ = _brought(
        globals(),
        {
            "detector.clean.page": ("clean_html",),
            "detector.clean.source_memory": ("SourceMemory", "spared_line", "without_repeats"),
            "detector.clean.text": ("clean_text",),
        },
    )
