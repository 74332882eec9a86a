"""Which of many texts may begin a match of a pattern at all: a compiled look at their first letters.

Python's own engine tries the alternatives of a pattern one after the other, which takes microseconds for a line; all
but a few lines begin with letters that no alternative begins with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from re import _constants as op  # type: ignore[attr-defined]  # no public way to a parsed pattern exists
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from detector.clean.phrases import Stretches
from detector.clean.textstats import DIGIT, IDEOGRAPH, LETTER, planes
from detector.jit import inlined, njit

LENGTH = 4  # letters that are looked at
_BITS = 16
_DIGIT = "0"  # stands for any
_SIGN = "©"  # the one sign before the first letter that is looked at, by itself
_SIGN_CODE = ord(_SIGN)
Head = tuple[str, bool]  # how a match may begin, and whether what follows is still known


@dataclass(frozen=True, slots=True)
class Beginnings:
    """The first letters of all matches of a pattern, hashed: what begins otherwise is no match."""

    sizes: NDArray[np.uint8]  # of each hash: bit k is set when the first k letters of some match have it, and bind it

    @classmethod
    def of(cls, pattern: str, flags: int = re.IGNORECASE | re.VERBOSE) -> Self:
        """The beginnings of a pattern that ignores case."""
        sizes = np.zeros(1 << _BITS, dtype=np.uint8)
        for found, _ in _after({("", True)}, parser.parse(pattern, flags)):
            head = _SIGN if found.startswith(_SIGN) else found
            key = 0
            for character in head:
                key = _next_key(key, ord(character))
            sizes[key] |= 1 << len(head)
        return cls(sizes)

    def possible(self, stretches: Stretches) -> NDArray[np.bool_]:
        """Whether each stretch may match, shape (n,)."""
        classes, folded = planes()
        return _possible(stretches.codes, stretches.starts, stretches.ends, classes, folded, self.sizes)


def _after(heads: set[Head], tokens: Iterable[Any]) -> set[Head]:
    """The heads with what a sequence of a parsed pattern adds to them."""
    for kind, argument in tokens:
        still = {head for head in heads if head[1] and len(head[0]) < LENGTH}
        if not still:
            break
        heads = (heads - still) | _extended(still, kind, argument)
    return heads


def _extended(heads: set[Head], kind: Any, argument: Any) -> set[Head]:
    if kind is op.AT:
        return heads
    if kind is op.SUBPATTERN:
        return _after(heads, argument[-1])
    if kind is op.BRANCH:
        return set().union(*(_after(heads, branch) for branch in argument[1]))
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
        least, most, inner = argument
        found = set(heads) if least == 0 else set()
        for number in range(1, min(most, least + LENGTH) + 1):
            heads = _after(heads, inner)
            found |= heads if number >= least else {head for head in heads if not head[1]}
        return found
    letters = _letters(kind, argument)
    if letters is None:
        return {(head, False) for head, _ in heads}
    return {(head + letter if head or letter.isalnum() or letter == _SIGN else head, True)
            for head, _ in heads for letter in letters}  # fmt: skip


def _letters(kind: Any, argument: Any) -> set[str] | None:
    """What one place of a pattern may hold, in small letters; None for too many to be told apart."""
    if kind is op.LITERAL:
        return {_folded(argument)}
    if kind is not op.IN:
        return None
    found: set[str] = set()
    for sort, value in argument:
        if sort is op.LITERAL:
            found.add(_folded(value))
        elif sort is op.RANGE and value[1] - value[0] < 100:
            found |= {_folded(code) for code in range(value[0], value[1] + 1)}
        elif sort is op.CATEGORY and value is op.CATEGORY_DIGIT:
            found.add(_DIGIT)
        elif sort is op.CATEGORY and value is op.CATEGORY_SPACE:
            found.add(" ")
        elif sort is op.CATEGORY and value is op.CATEGORY_NOT_WORD and len(argument) == 1:
            found.add(" ")  # passed over before the first letter
        else:
            return None
    return found


def _folded(code: int) -> str:
    character = chr(code).lower()
    return _DIGIT if character.isdigit() else character


@inlined
def _next_key(key: int, code: int) -> int:
    return (key * 40503 + code) & 65535


@njit
def _possible(
    codes: NDArray[np.uint32], starts: NDArray[np.int64], ends: NDArray[np.int64], classes: NDArray[np.uint16],
    folded: NDArray[np.uint32], sizes: NDArray[np.uint8],
) -> NDArray[np.bool_]:  # fmt: skip
    out = np.zeros(starts.size, dtype=np.bool_)
    for i in range(starts.size):
        key = length = 0
        out[i] = sizes[0] & 1 != 0
        for k in range(starts[i], ends[i]):
            code = int(codes[k])
            kind = int(classes[code]) if code < 65536 else LETTER | IDEOGRAPH
            if length == 0 and not kind & (LETTER | DIGIT):
                out[i] |= code == _SIGN_CODE and sizes[_next_key(0, code)] & 2 != 0
                continue
            key = _next_key(key, 48 if kind & DIGIT else int(folded[code]) if code < 65536 else code)
            length += 1
            out[i] |= sizes[key] & (1 << length) != 0
            if length == LENGTH or out[i]:
                break
    return out
