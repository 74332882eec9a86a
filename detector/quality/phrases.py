"""Which of some hundreds of phrases a text holds, without looking for each of them.

A phrase is looked for only where its first two or three tokens stand side by side: one pass over the hashes of the
tokens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from detector.jit import borrowed, njit
from detector.quality.scan import Hashes, Ints, look_up, table_of
from detector.quality.tokens import fold, tokens_of, word_hash
from detector.quality.tokens import gram as mixed

_MIX = np.uint64(0x9E3779B97F4A7C15)
_ONE = np.uint64(1)
_UTF8 = ("utf-8", "surrogatepass")
_APOSTROPHE = "’".encode()
_BECOME_ASCII = (
    "\u0130\u212a"  # beyond ASCII, and with a letter of it in lower case: a dotted I, the sign of the kelvin
)


class PhraseFinder:
    """Named lists of phrases in lower case, ready to be looked for."""

    def __init__(self, lists: Mapping[str, Sequence[str]]) -> None:
        """``lists``: name of a list → its phrases."""
        self._groups: list[list[tuple[str, str]]] = []  # (list, phrase) by opening
        entries: dict[int, int] = {}
        for name, phrases in lists.items():
            for phrase in phrases:
                tokens = tokens_of(phrase)
                # The last token of a phrase may be the beginning of a longer one, so it is never part of a third.
                opening = [word_hash(token) for token in tokens[: 3 if len(tokens) > 3 else 2]]
                number = entries.setdefault(mixed(opening) + 1, len(self._groups))
                if number == len(self._groups):
                    self._groups.append([])
                self._groups[number].append((name, phrase))
        self._keys, self._numbers = table_of(entries, np.int64)

    def find(self, text: str, words: Hashes) -> dict[str, list[str]]:
        """The phrases of each list that ``text`` holds, given the hashes of its tokens; an empty list is left out."""
        hits = np.zeros(len(self._groups), dtype=np.bool_)
        if not _openings(words, self._keys, self._numbers, hits):
            return {}
        candidates = [named for number in np.flatnonzero(hits).tolist() for named in self._groups[number]]
        holds = _folded_bytes(text) if all(phrase.isascii() for _, phrase in candidates) else fold(text).encode(*_UTF8)
        found: dict[str, list[str]] = {}
        for name, phrase in candidates:
            if phrase.encode() in holds:
                found.setdefault(name, []).append(phrase)
        return found


def _folded_bytes(text: str) -> bytes:
    """``fold`` of the letters of ASCII alone, at two thirds of the price where a text has others too."""
    if any(letter in text for letter in _BECOME_ASCII):
        return fold(text).encode(*_UTF8)
    return text.encode(*_UTF8).lower().replace(_APOSTROPHE, b"'")


@njit
def _openings(words: Hashes, keys: Hashes, numbers: Ints, hits: NDArray[np.bool_]) -> bool:
    """Mark every opening of one, two or three tokens that stands somewhere, and say whether one does."""
    words, keys, found = borrowed(words), borrowed(keys), False
    for k in range(words.size):
        cell = look_up(words[k] + _ONE, keys)
        if cell >= 0:
            hits[numbers[cell]] = found = True
        gram = words[k]
        for following in range(k + 1, min(k + 3, words.size)):
            gram = (gram * _MIX) ^ words[following]
            cell = look_up(gram + _ONE, keys)
            if cell >= 0:
                hits[numbers[cell]] = found = True
    return found
