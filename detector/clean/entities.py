"""Character references of HTML, for compiled code: ``&amp;``, ``&#8217;``, ``&#x2019;`` (WHATWG HTML, section 13.5)."""

from __future__ import annotations

from html.entities import html5

import numpy as np
from numpy.typing import NDArray

from detector.clean.tags import name_hash, name_table
from detector.clean.tokens import Bytes, position
from detector.jit import leaf

_LONGEST = 32  # bytes of a name; the longest of the standard has 31
_REPLACEMENT = 0xFFFD
_SEMICOLON, _HASH, _X = 59, 35, 120


def _table() -> tuple[NDArray[np.uint64], NDArray[np.uint32], NDArray[np.bool_]]:
    """The table of the names, the one or two characters of each, and whether it needs no semicolon."""
    names = sorted({name.rstrip(";") for name in html5}, key=name_hash)
    characters = np.zeros((len(names), 2), dtype=np.uint32)
    for k, name in enumerate(names):
        said = html5.get(name + ";") or html5[name]
        characters[k, : len(said)] = [ord(character) for character in said]
    loose = np.array([name in html5 for name in names])
    return name_table(np.array([name_hash(name) for name in names], dtype=np.uint64)), characters, loose


ENTITIES_KNOWN, ENTITY_CHARACTERS, ENTITY_LOOSE = _table()
# What 0x80 to 0x9F mean as numbers: Windows-1252, by the standard.
_WINDOWS = np.array(
    [ord(bytes([code]).decode("cp1252", "replace")) if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else code
     for code in range(0x80, 0xA0)], dtype=np.uint32,
)  # fmt: skip


@leaf
def reference(src: Bytes, at: int, end: int) -> tuple[int, int, int]:
    """The one or two characters that the ``&`` at ``at`` stands for, and the position after it; itself if none."""
    i = at + 1
    if i < end and src[i] == _HASH:
        return _number(src, at, end)
    value = np.uint64(0)
    loose = -1
    loose_end = at + 1
    while i < end and i - at <= _LONGEST and (97 <= (src[i] | 32) <= 122 or 48 <= src[i] <= 57):
        value = value * np.uint64(131) + np.uint64(src[i])
        i += 1
        if i - at >= 3:
            known = position(ENTITIES_KNOWN, value)
            if known >= 0 and i < end and src[i] == _SEMICOLON:
                return int(ENTITY_CHARACTERS[known, 0]), int(ENTITY_CHARACTERS[known, 1]), i + 1
            if known >= 0 and ENTITY_LOOSE[known]:
                loose, loose_end = known, i
    if loose >= 0:
        return int(ENTITY_CHARACTERS[loose, 0]), int(ENTITY_CHARACTERS[loose, 1]), loose_end
    return 38, 0, at + 1


@leaf
def _number(src: Bytes, at: int, end: int) -> tuple[int, int, int]:
    i = at + 2
    base = 10
    if i < end and (src[i] | 32) == _X:
        base = 16
        i += 1
    value = 0
    first = i
    while i < end:
        digit = int(src[i]) - 48
        if base == 16 and 97 <= (src[i] | 32) <= 102:
            digit = (src[i] | 32) - 87
        if not (0 <= digit < base) or (base == 16 and digit >= 10 and src[i] < 65):
            break
        value = min(value * base + digit, 0x110000)
        i += 1
    if i == first:
        return 38, 0, at + 1
    if i < end and src[i] == _SEMICOLON:
        i += 1
    if value == 0 or value > 0x10FFFF or 0xD800 <= value <= 0xDFFF:
        value = _REPLACEMENT
    elif 0x80 <= value <= 0x9F:
        value = int(_WINDOWS[value - 0x80])
    return value, 0, i
