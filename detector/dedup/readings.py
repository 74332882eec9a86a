"""What a comparison needs of a text, read once and kept for a while.

An item is compared with dozens, and each of them with dozens more; to find a text's tokens takes as long as to align
it.
"""

from __future__ import annotations

from functools import cached_property

from detector.dedup.align import Side, side
from detector.dedup.kinship import Facts, Words, facts_of, words_of
from detector.dedup.normalise import Tokens, tokenise

_KEPT = 300_000  # tokens in the readings of one generation; there are two of them


class Reading:
    """A text's tokens, and what is made of them when somebody asks."""

    def __init__(self, text: str) -> None:
        self.tokens: Tokens = tokenise(text)

    @cached_property
    def side(self) -> Side:
        """The tokens as ``align`` takes them."""
        return side(self.tokens)

    @cached_property
    def facts(self) -> Facts:
        """What the text names and counts."""
        return facts_of(self.tokens)

    @cached_property
    def words(self) -> Words:
        """What ``kinship`` compares."""
        return words_of(self.tokens)


class Readings:
    """The readings of the last texts that were asked for, in two generations: a reading that is used stays."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._young: dict[str, Reading] = {}
        self._old: dict[str, Reading] = {}
        self._tokens = 0  # in the young ones

    def of(self, text: str) -> Reading:
        """The reading of ``text``."""
        reading = self._young.get(text)
        if reading is None:
            reading = self._old.get(text) or Reading(text)
            if self._tokens >= self._kept:
                self._old, self._young, self._tokens = self._young, {}, 0
            self._young[text] = reading
            self._tokens += len(reading.tokens) + _OVERHEAD
        return reading


_OVERHEAD = 100  # tokens' worth of objects around a reading
