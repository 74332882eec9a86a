"""Sentences that a text has already said word for word, whatever their punctuation and capitals; compiled."""

from __future__ import annotations

import numpy as np

from detector.jit import borrowed, njit
from detector.quality.filler import Judged
from detector.quality.scan import numbered
from detector.quality.tokens import Hashes, Ints, Mask, bit
from detector.records import Reason

_SHARE, _FEWEST_WORDS = 0.2, 5
_MIX = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_IS_WORD = bit("word")


def repetition(passages: list[str], judged: Judged) -> Reason | None:
    """A fifth of the words stand in sentences of five words or more that stood there before; furniture left out."""
    tokens = judged.tokens
    said, again, first = _said_again(
        tokens.word, tokens.bits, tokens.bounds, ~judged.furniture, _IS_WORD, _FEWEST_WORDS
    )
    if not again or again < _SHARE * said:
        return None
    return Reason("repetition", f"{again / said:.0%} of the words stand here twice, such as “{passages[first][:60]}”")


@njit
def _said_again(
    word: Hashes, bits: Hashes, bounds: Ints, kept: Mask, is_word: np.uint64, fewest: int
) -> tuple[int, int, int]:
    """All words of the kept sentences, those in sentences said before, and the first such sentence."""
    word, bits = borrowed(word), borrowed(bits)
    sentence, size, place = np.empty(kept.size, np.uint64), np.empty(kept.size, np.int64), np.empty(kept.size, np.int64)
    said = again = count = 0
    for row in range(kept.size):
        if not kept[row]:
            continue
        mixed, words = np.uint64(0), 0
        for k in range(bounds[row + 1], bounds[row + 2]):  # row 0 of the tokens is the title
            if bits[k] & is_word:
                mixed = (mixed ^ word[k]) * _MIX
                mixed ^= mixed >> _HALF
                words += 1
        said += words
        if words >= fewest:
            sentence[count], size[count], place[count] = mixed, words, row
            count += 1
    number, _ = numbered(sentence[:count])
    highest, first = -1, -1
    for k in range(count):
        if number[k] <= highest:
            again += size[k]
            first = place[k] if first < 0 else first
        highest = max(highest, number[k])
    return said, again, first
