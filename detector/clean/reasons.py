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
from detector.clean.beginnings import Beginnings
from detector.clean.blocks import Page
from detector.clean.lexicon import AMBIGUOUS, BEGINS, BY_TAG, NAMES, SAYS, WHOLE_LINES
from detector.clean.phrases import NONE, Phrases, Stretches
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


def reasons_by_place(page: Page) -> NDArray[np.int64]:
    """For each block, the reason that the names or tags of the elements around it suggest: its position in PLACES."""
    parents = page.elements[:, w.E_PARENT].astype(np.int64)
    held = page.blocks[:, w.B_ELEMENT].astype(np.int64)
    names = page.elements[:, w.E_NAMES :].copy()
    names[~_around(held, parents)] = -1  # a quarter of the elements have no text in them
    own = _name_phrases().first_in_names(np.frombuffer(page.markup, dtype=np.uint8), names).astype(np.int64)
    tags = _TAG_REASONS[page.elements[:, w.E_TAG]]
    return _inherited(np.where(own == NONE, tags, own), parents)[held]


# Those that a name suggests, those that a tag does, and none at all at -1.
PLACES: tuple[str | None, ...] = (*(name for name, _ in NAMES), *BY_TAG.values(), None)
# For each of WALK_NAMES, and for an unknown one at last: where its reason stands behind those of NAMES, -1 for none.
_TAG_REASONS = np.array(
    [len(NAMES) + list(BY_TAG).index(tag) if tag in BY_TAG else -1 for tag in (*WALK_NAMES, "")], dtype=np.int64
)


@njit
def _around(held: NDArray[np.int64], parents: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of the elements have one of the ``held`` in them, or are one."""
    around = np.zeros(parents.size, dtype=np.bool_)
    for element in held:
        e = element
        while e >= 0 and not around[e]:
            around[e] = True
            e = parents[e]
    return around


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


@lru_cache(maxsize=1)
def _prompt_beginnings() -> Beginnings:
    return Beginnings.of("|".join(WHOLE_LINES.values()))


@lru_cache(maxsize=1)
def _begun_beginnings() -> Beginnings:
    return Beginnings.of("|".join(BEGINS.values()))


def prompts(texts: Sequence[str], stretches: Stretches | None = None) -> dict[int, str]:
    """Those of the lines that are known prompts or labels from end to end: position and reason (``furniture``).

    ``stretches`` are the same texts, where they are at hand.
    """
    short = (stretches or Stretches.of(texts)).no_longer(_LONGEST)
    possible = np.flatnonzero(_prompt_beginnings().possible(short)).tolist()
    found = ((k, furniture(texts[k])) for k in possible)
    return {k: reason for k, reason in found if reason is not None}


def reasons_by_text(texts: Sequence[str], stretches: Stretches | None = None) -> list[str | None]:
    """The reason that each dropped piece's own words suggest; ``stretches`` are the texts, where they are at hand."""
    if not texts:
        return []
    stretches = stretches or Stretches.of(texts)
    heads = stretches.heads(_HEAD)
    phrases = _text_phrases()
    names = (*phrases.names, *[None] * (NONE + 1 - len(phrases.names)))
    found: list[str | None] = [names[rank] for rank in phrases.first(heads)]
    for k in np.flatnonzero(_begun_beginnings().possible(heads)).tolist():
        if found[k] is None and (begun := _BEGUN.match(texts[k][:_HEAD])):
            found[k] = begun.lastgroup
    for k, reason in prompts(texts, stretches).items():
        found[k] = reason
    return found


def explained(texts: Sequence[str]) -> NDArray[np.bool_]:
    """Which of the pieces say what furniture says, shape (n,)."""
    return np.array([reason is not None for reason in reasons_by_text(texts)], dtype=np.bool_)
