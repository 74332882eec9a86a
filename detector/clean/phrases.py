"""Many phrases looked for at once, by the compiled automaton of Aho and Corasick ("Efficient string matching", 1975).

Phrases come in ranked lists; what is found is the first list that has a phrase in the text.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from detector.jit import njit

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
NONE = 127  # the rank of a text without any of the phrases


@dataclass(frozen=True, slots=True)
class Stretches:
    """Some texts as characters, one behind the other, a 0 after each."""

    codes: NDArray[np.uint32]
    starts: Longs  # shape (n,)
    ends: Longs  # shape (n,)

    @classmethod
    def of(cls, texts: Sequence[str]) -> Self:
        """The characters of ``texts``; a lone surrogate counts as a question mark."""
        joined = "\0".join(texts) + "\0"
        codes = np.frombuffer(joined.encode("utf-32-le", "replace"), dtype=np.uint32)
        sizes = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        ends = np.cumsum(sizes + 1) - 1
        return cls(codes, ends - sizes, ends)

    @classmethod
    def of_codes(cls, codes: NDArray[np.uint32]) -> Self:
        """The stretches of ``codes`` that a 0 ends."""
        ends = np.flatnonzero(codes == 0)
        return cls(codes, np.concatenate(([0], ends[:-1] + 1)), ends)

    def some(self, chosen: Sequence[int] | Longs) -> Self:
        """Those at the positions ``chosen``."""
        at = np.asarray(chosen, dtype=np.int64)
        return replace(self, starts=self.starts[at], ends=self.ends[at])

    def heads(self, most: int) -> Self:
        """The first ``most`` characters of each."""
        return replace(self, ends=np.minimum(self.ends, self.starts + most))

    def no_longer(self, most: int) -> Self:
        """Nothing in the place of each that is longer than ``most`` characters."""
        return replace(self, ends=np.where(self.ends - self.starts <= most, self.ends, self.starts))


@dataclass(frozen=True, slots=True)
class Phrases:
    """The automaton of some lists of phrases in small letters; capitals of a text count as small ones."""

    names: tuple[str, ...]  # of the lists, in their order
    classes: NDArray[np.uint8]  # of each character of the first plane; 0 stands for any that is in no phrase
    moves: Ints  # the next state, shape (states, classes)
    ranks: NDArray[np.uint8]  # the first list with a phrase that ends in a state, or NONE

    @classmethod
    def of(cls, lists: tuple[tuple[str, tuple[str, ...]], ...]) -> Self:
        """The automaton for (name, phrases) in order of rank."""
        alphabet = sorted({character for _, phrases in lists for phrase in phrases for character in phrase})
        known = {character: k + 1 for k, character in enumerate(alphabet)}
        classes = np.zeros(65536, dtype=np.uint8)
        for character, k in known.items():
            for form in (character, character.upper()):
                if len(form) == 1:
                    classes[ord(form)] = k
        trie: list[dict[int, int]] = [{}]
        ranks = [NONE]
        for rank, (_, phrases) in enumerate(lists):
            for phrase in phrases:
                state = 0
                for character in phrase:
                    if known[character] not in trie[state]:
                        trie[state][known[character]] = len(trie)
                        trie.append({})
                        ranks.append(NONE)
                    state = trie[state][known[character]]
                ranks[state] = min(ranks[state], rank)
        moves = _complete(trie, ranks, len(alphabet) + 1)
        return cls(tuple(name for name, _ in lists), classes, moves, np.array(ranks, dtype=np.uint8))

    def first(self, stretches: Stretches) -> list[int]:
        """The rank of the first list with a phrase in each stretch, NONE without one."""
        given = stretches.codes, stretches.starts, stretches.ends
        found: list[int] = _search(*given, self.classes, self.moves, self.ranks).tolist()
        return found

    def first_in_names(self, src: NDArray[np.uint8], spans: Ints) -> NDArray[np.uint8]:
        """The same for names in bytes: row k's are ``src[start:end]`` for its pairs, -1 for none; shape (n, 2m) in.

        Hyphens and underscores count as blanks, and a blank stands before and after each name.
        """
        return _search_names(src, spans, self.classes, self.moves, self.ranks)


def _complete(trie: list[dict[int, int]], ranks: list[int], classes: int) -> Ints:
    """The moves of every state for every class; a state takes over the rank of its longest suffix."""
    moves = np.zeros((len(trie), classes), dtype=np.int32)
    suffix = [0] * len(trie)
    queue = deque([0])
    while queue:
        state = queue.popleft()
        moves[state] = moves[suffix[state]] if state else 0
        for character, following in trie[state].items():
            suffix[following] = int(moves[suffix[state], character]) if state else 0
            moves[state, character] = following
            ranks[following] = min(ranks[following], ranks[suffix[following]])
            queue.append(following)
    return moves


@njit
def _search(
    codes: NDArray[np.uint32],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    classes: NDArray[np.uint8],
    moves: Ints,
    ranks: NDArray[np.uint8],
) -> NDArray[np.uint8]:
    out = np.full(starts.size, NONE, dtype=np.uint8)
    for k in range(starts.size):
        state = 0
        first = out[k]
        for i in range(starts[k], ends[k]):
            code = codes[i]
            state = moves[state, classes[code] if code < 65536 else 0]
            first = min(first, ranks[state])
        out[k] = first
    return out


@njit
def _search_names(
    src: NDArray[np.uint8], spans: Ints, classes: NDArray[np.uint8], moves: Ints, ranks: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    out = np.full(len(spans), NONE, dtype=np.uint8)
    blank = classes[32]
    for k in range(len(spans)):
        state = moves[0, blank]
        first = out[k]
        for column in range(0, spans.shape[1], 2):
            if spans[k, column] < 0:
                continue
            for i in range(spans[k, column], spans[k, column + 1]):
                byte = src[i]
                kind = blank if byte in (45, 95) or byte <= 32 else classes[byte] if byte < 128 else 0
                state = moves[state, kind]
                first = min(first, ranks[state])
            state = moves[state, blank]
            first = min(first, ranks[state])
        out[k] = first
    return out
