"""Why a piece was dropped, in words that people use: from what it says, and from the names of the elements around it.

The model decides what goes; this file explains. Only ``furniture`` decides by itself, on lines that are a known
prompt from end to end and that no newsroom prints as a paragraph.
"""

from __future__ import annotations

import re
from functools import lru_cache

from detector.clean.lexicon import AMBIGUOUS, BEGINS, BY_TAG, NAMES, SAYS, WHOLE_LINES

REASONS = (
    "navigation", "share", "newsletter", "related", "previous_next", "summary_prompt", "advertisement", "paywall",
    "cookie", "comments", "byline", "caption", "legal", "author_bio", "hidden", "source_memory", "boilerplate",
)  # fmt: skip
_LONGEST = 140  # characters of a prompt


def _alternatives(patterns: dict[str, str], around: str = "{}") -> re.Pattern[str]:
    named = "|".join(f"(?P<{name}>{pattern})" for name, pattern in patterns.items())
    return re.compile(around.format(f"(?:{named})"), re.IGNORECASE | re.VERBOSE)


_WHOLE_LINE = _alternatives(WHOLE_LINES, r"[\W_]*{}[\W_]*")
_BEGUN = _alternatives(BEGINS)


@lru_cache(maxsize=1 << 14)
def furniture(line: str) -> str | None:
    """The reason to drop a line that is a known prompt or label from end to end, whatever stands around it.

    >>> furniture("No time to read?"), furniture("No time to lose")
    ('summary_prompt', None)
    """
    if len(line) > _LONGEST:
        return None
    found = _WHOLE_LINE.fullmatch(line)
    return found.lastgroup if found else None


def is_ambiguous(line: str) -> bool:
    """Whether a prompt is also an ordinary word, so that it takes the model's word to drop it."""
    return line.strip(" .:!?").casefold() in AMBIGUOUS


@lru_cache(maxsize=1 << 14)
def reason_by_name(tag: str, names: str) -> str | None:
    """The reason that an element's tag, classes and ids suggest for dropping what is in it."""
    if names:
        said = f" {names.lower()} ".replace("-", " ").replace("_", " ")
        found = _first(NAMES, said)
        if found:
            return found
    return BY_TAG.get(tag)


def _first(lists: tuple[tuple[str, tuple[str, ...]], ...], text: str) -> str | None:
    """The first reason with a phrase in ``text``; plain search is ten times as fast as one pattern of all."""
    for reason, phrases in lists:
        for phrase in phrases:
            if phrase in text:
                return reason
    return None


def reason_by_text(text: str) -> str | None:
    """The reason that a dropped piece's own words suggest."""
    if len(text) <= _LONGEST:
        whole = furniture(text)
        if whole:
            return whole
    head = text[:300].lower()
    said = _first(SAYS, head)
    if said:
        return said
    begun = _BEGUN.match(head)
    return begun.lastgroup if begun else None
