"""Why a piece was dropped, in words that people use: from what it says, and from the names of the elements around it.

The model decides what goes; this file explains. Only ``furniture`` decides by itself, on lines that are a known
prompt from end to end and that no newsroom prints as a paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from detector.clean import walk as w
from detector.clean.blocks import Page
from detector.clean.lexicon import AMBIGUOUS, BEGINS, BY_TAG, NAMES, SAYS, WHOLE_LINES
from detector.clean.phrases import NONE, Phrases
from detector.clean.tags import WALK_NAMES
from detector.jit import njit

REASONS = (
    "navigation", "share", "newsletter", "related", "previous_next", "summary_prompt", "advertisement", "paywall",
    "cookie", "comments", "byline", "caption", "legal", "author_bio", "hidden", "repeated", "source_memory",
    "boilerplate",
)  # fmt: skip
_LONGEST = 140  # characters of a prompt
_HEAD = 300  # characters of a dropped piece that explain it


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


def reasons_by_place(page: Page) -> list[str | None]:
    """For each element, the reason that its names or its tag suggest for dropping what is in it, or those around it."""
    phrases = _name_phrases()
    names = np.frombuffer(page.markup, dtype=np.uint8), page.elements[:, w.E_NAMES :]
    own = phrases.first_in_names(*names).astype(np.int64)
    tags = _TAG_REASONS[page.elements[:, w.E_TAG]]
    own = np.where(own == NONE, tags, own)
    every = (*phrases.names, *BY_TAG.values(), None)
    return [every[reason] for reason in _inherited(own, page.elements[:, w.E_PARENT].astype(np.int64)).tolist()]


# For each of WALK_NAMES, and for an unknown one at last: where its reason stands behind those of NAMES, -1 for none.
_TAG_REASONS = np.array(
    [len(NAMES) + list(BY_TAG).index(tag) if tag in BY_TAG else -1 for tag in (*WALK_NAMES, "")], dtype=np.int64
)


@njit
def _inherited(own: NDArray[np.int64], parents: NDArray[np.int64]) -> NDArray[np.int64]:
    """The reasons with each -1 replaced by the parent's; parents come first."""
    out = own.copy()
    for e in range(own.size):
        if out[e] < 0 and parents[e] >= 0:
            out[e] = out[parents[e]]
    return out


@lru_cache(maxsize=1)
def _name_phrases() -> Phrases:
    return Phrases.of(NAMES)


@lru_cache(maxsize=1)
def _text_phrases() -> Phrases:
    return Phrases.of(SAYS)


def _ranks(phrases: Phrases, texts: Sequence[str]) -> list[int]:
    joined = "\0".join(texts)
    codes = np.frombuffer(joined.encode("utf-32-le", "replace"), dtype=np.uint32)
    sizes = np.array([len(text) for text in texts], dtype=np.int64)
    starts = np.cumsum(sizes + 1) - sizes - 1
    return phrases.first(codes, starts, starts + sizes)


def reasons_by_text(texts: Sequence[str]) -> list[str | None]:
    """The reason that each dropped piece's own words suggest."""
    heads = [text[:_HEAD] for text in texts]
    phrases = _text_phrases()
    found: list[str | None] = []
    for text, head, rank in zip(texts, heads, _ranks(phrases, heads), strict=True):
        reason = furniture(text)
        if reason is None and rank != NONE:
            reason = phrases.names[rank]
        if reason is None:
            begun = _BEGUN.match(head)
            reason = begun.lastgroup if begun else None
        found.append(reason)
    return found
