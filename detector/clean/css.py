"""Numbers, lengths, words and colours of a ``style`` attribute, for compiled code (CSS Syntax 3, CSS Color 4)."""

from __future__ import annotations

import numpy as np

from detector.clean.entities import reference
from detector.clean.tags import name_hash, name_table
from detector.clean.tokens import Bytes, position
from detector.jit import inlined, leaf

UNSET, UNKNOWN, TRANSPARENT = -(1 << 40), -1, -2  # where a colour or a length could be

# Words that a value may be, by the property that knows them; 1 means that it hides.
_WORDS = (
    "none", "hidden", "collapse", "absolute", "fixed", "clip", "transparent", "white", "snow", "ivory", "ghostwhite",
    "whitesmoke", "floralwhite", "azure", "mintcream", "aliceblue", "seashell", "black", "gray", "grey", "silver",
    "lightgray", "lightgrey", "gainsboro", "red", "blue", "navy", "yellow", "green", "scroll", "auto",
)  # fmt: skip
(NONE, HIDDEN, COLLAPSE, ABSOLUTE, FIXED, CLIPS, _CLEAR) = range(7)
_COLOURS = np.array(
    [UNKNOWN] * 6 + [TRANSPARENT, 0xFFFFFF, 0xFFFAFA, 0xFFFFF0, 0xF8F8FF, 0xF5F5F5, 0xFFFAF0, 0xF0FFFF, 0xF5FFFA,
     0xF0F8FF, 0xFFF5EE, 0, 0x808080, 0x808080, 0xC0C0C0, 0xD3D3D3, 0xD3D3D3, 0xDCDCDC, 0xFF0000, 0xFF, 0x80, 0xFFFF00,
     0x8000, UNKNOWN, UNKNOWN], dtype=np.int64,
)  # fmt: skip
WORDS_KNOWN = name_table(np.array([name_hash(word) for word in _WORDS], dtype=np.uint64))
FUNCTIONS_KNOWN = name_table(
    np.array([name_hash(name) for name in ("rgb", "rgba", "hsl", "hsla", "rect", "inset", "circle", "polygon",
                                           "scale", "translate", "translatex", "translatey", "scalex", "scaley")],
             dtype=np.uint64)
)  # fmt: skip
(_RGB, _RGBA, _HSL, _HSLA, RECT, INSET, CIRCLE, POLYGON, SCALE, TRANSLATE, TRANSLATE_X, TRANSLATE_Y,
 SCALE_X, SCALE_Y) = range(14)  # fmt: skip


BLANK, COLON, SEMICOLON, _COMMA, OPEN, CLOSE, _SLASH, _STAR, _HASH, BANG, _BACKSLASH = b" :;,()/*#!\\"
DOT, _PLUS, _MINUS, _PERCENT, _AMPERSAND = b".+-%&"


@leaf
def plain(src: Bytes, start: int, end: int, text: Bytes) -> int:
    """Write a style in small letters, without references, escapes, comments and needless blanks; its length."""
    n = 0
    at = start
    while at < end and n < text.size - 1:
        code = int(src[at])
        if code == _AMPERSAND:
            code, _, at = reference(src, at, end)
        elif code == _BACKSLASH and at + 1 < end:
            code, at = _escaped(src, at + 1, end)
        else:
            at += 1
        if code == _STAR and n > 0 and text[n - 1] == _SLASH:
            while at < end and not (src[at] == _SLASH and src[at - 1] == _STAR):
                at += 1
            n -= 1
            at += 1
            continue
        if 65 <= code <= 90:
            code += 32
        if code <= 32:
            if n == 0 or text[n - 1] in (BLANK, COLON, SEMICOLON, _COMMA, OPEN):
                continue
            code = BLANK
        elif code in (COLON, SEMICOLON, _COMMA, CLOSE) and n > 0 and text[n - 1] == BLANK:
            n -= 1
        text[n] = code if code < 128 else 63
        n += 1
    return n


@leaf
def _escaped(src: Bytes, at: int, end: int) -> tuple[int, int]:
    """The character after a backslash, as itself or as up to six hexadecimal digits, and the position after it."""
    code = 0
    first = at
    while at < end and at - first < 6:
        digit = int(src[at]) | 32
        if 48 <= int(src[at]) <= 57:
            code = code * 16 + int(src[at]) - 48
        elif 97 <= digit <= 102:
            code = code * 16 + digit - 87
        else:
            break
        at += 1
    if at == first:
        return int(src[at]), at + 1
    if at < end and src[at] == BLANK:
        at += 1
    return code, at


@inlined
def _is_letter(byte: int) -> bool:
    return 97 <= byte <= 122 or byte == _MINUS


@inlined
def is_digit(byte: int) -> bool:
    """Whether ``byte`` is one of 0 to 9."""
    return 48 <= byte <= 57


@leaf
def word_at(text: Bytes, at: int, end: int) -> tuple[np.uint64, int]:
    """The hash of the word at ``at`` and the position after it."""
    value = np.uint64(0)
    while at < end and _is_letter(text[at]):
        value = value * np.uint64(131) + np.uint64(text[at])
        at += 1
    return value, at


@leaf
def number_at(text: Bytes, at: int, end: int) -> tuple[int, int]:
    """The number at ``at`` in thousandths, and the position after it; UNSET where there is none."""
    sign = 1
    if at < end and text[at] in (_PLUS, _MINUS):
        sign = -1 if text[at] == _MINUS else 1
        at += 1
    value, scale, digits = 0, 0, 0
    while at < end and (is_digit(text[at]) or (text[at] == DOT and scale == 0)):
        if text[at] == DOT:
            scale = 1
        elif scale == 0:
            value = min(value * 10 + (int(text[at]) - 48) * 1000, 1 << 40)
            digits += 1
        else:
            value += (int(text[at]) - 48) * 1000 // 10**scale if scale <= 3 else 0
            scale += 1
            digits += 1
        at += 1
    if digits == 0:
        return UNSET, at
    if at + 1 < end and text[at] == 101 and (is_digit(text[at + 1]) or text[at + 1] in (_PLUS, _MINUS)):
        tiny = text[at + 1] == _MINUS
        at += 2
        while at < end and is_digit(text[at]):
            at += 1
        value = 0 if tiny else value
    return sign * value, at


@leaf
def length_at(text: Bytes, at: int, end: int) -> tuple[int, int]:
    """The length at ``at`` in thousandths of a pixel, roughly, and the position after it; UNSET where there is none."""
    value, at = number_at(text, at, end)
    if value == UNSET or at >= end:
        return value, at
    if text[at] == _PERCENT:
        return value * 10, at + 1
    first = text[at]
    second = text[at + 1] if at + 1 < end else 0
    while at < end and _is_letter(text[at]):
        at += 1
    if first in (101, 114) and second in (109, 101):  # em, rem
        return value * 16, at
    if first == 118:  # vw, vh
        return value * 10, at
    if first in (105, 99) and second in (110, 109):  # in, cm
        return value * 38, at
    return value, at


@leaf
def colour_at(text: Bytes, at: int, end: int) -> int:
    """The colour at ``at`` as 0xRRGGBB; TRANSPARENT or UNKNOWN."""
    if at < end and text[at] == _HASH:
        return _hexadecimal(text, at + 1, end)
    name, stop = word_at(text, at, end)
    if stop < end and text[stop] == OPEN:
        function = position(FUNCTIONS_KNOWN, name)
        if function in (_RGB, _RGBA):
            return _rgb(text, stop + 1, end)
        if function in (_HSL, _HSLA):
            return _hsl(text, stop + 1, end)
        return UNKNOWN
    known = position(WORDS_KNOWN, name)
    return int(_COLOURS[known]) if known >= 0 else UNKNOWN


@leaf
def _hexadecimal(text: Bytes, at: int, end: int) -> int:
    value, digits = 0, 0
    while at < end and digits < 8:
        digit = int(text[at])
        if is_digit(digit):
            digit -= 48
        elif 97 <= digit <= 102:
            digit -= 87
        else:
            break
        value = value * 16 + digit
        digits += 1
        at += 1
    if digits in (3, 4):
        if digits == 4:
            if value & 15 == 0:
                return TRANSPARENT
            value >>= 4
        return ((value >> 8) * 17 << 16) | ((value >> 4 & 15) * 17 << 8) | (value & 15) * 17
    if digits == 8:
        if value & 255 < 13:
            return TRANSPARENT
        value >>= 8
        digits = 6
    return value if digits == 6 else UNKNOWN


@leaf
def _rgb(text: Bytes, at: int, end: int) -> int:
    value = 0
    for channel in range(4):
        while at < end and text[at] in (BLANK, _COMMA, _SLASH):
            at += 1
        number, at = number_at(text, at, end)
        if number == UNSET:
            return value if channel == 3 else UNKNOWN
        percent = at < end and text[at] == _PERCENT
        at += 1 if percent else 0
        if channel == 3:
            return TRANSPARENT if number < (5_000 if percent else 50) else value
        number = number * 255 // 100 if percent else number
        value = value << 8 | min(max(number // 1000, 0), 255)
    return value


@leaf
def _hsl(text: Bytes, at: int, end: int) -> int:
    """White and black; of the others the hue matters, and they are left unknown."""
    lightness = 0
    for _ in range(3):
        while at < end and text[at] in (BLANK, _COMMA, _SLASH):
            at += 1
        lightness, at = number_at(text, at, end)
        if lightness == UNSET:
            return UNKNOWN
        while at < end and (_is_letter(text[at]) or text[at] == _PERCENT):
            at += 1
    return 0xFFFFFF if lightness >= 96_000 else 0 if lightness <= 4_000 else UNKNOWN
