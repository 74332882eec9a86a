"""What an element's ``style`` attribute does to what a reader sees of it, for compiled code (CSS 2.2, CSS Color 4).

Text that nobody can see is no content, whoever put it there: copied text is padded with it, and search engines are fed
with it. Two kinds are told apart. What is *folded away* (display, visibility, opacity, no height) may be what a script
unfolds, an article as a whole now and then; what is *concealed* (no size, the colour of its ground, off the screen,
clipped to a point) no script means to show. Style sheets are not read, nor ``calc()``.
"""

from __future__ import annotations

import numpy as np

from detector.clean.css import (
    ABSOLUTE,
    BANG,
    BLANK,
    CIRCLE,
    CLIPS,
    CLOSE,
    COLLAPSE,
    COLON,
    DOT,
    FIXED,
    FUNCTIONS_KNOWN,
    HIDDEN,
    INSET,
    NONE,
    OPEN,
    POLYGON,
    RECT,
    SCALE,
    SCALE_X,
    SCALE_Y,
    SEMICOLON,
    TRANSLATE,
    TRANSLATE_X,
    TRANSLATE_Y,
    TRANSPARENT,
    UNKNOWN,
    UNSET,
    WORDS_KNOWN,
    colour_at,
    is_digit,
    length_at,
    plain,
    word_at,
)
from detector.clean.tags import name_hash, name_table
from detector.clean.tokens import Bytes, Longs, position
from detector.jit import leaf

SEEN, FOLDED, CONCEALED = range(3)
STYLE_BYTES = 4096  # of one attribute that are read; the guard hands on no longer one

_NAMES = (
    "display", "visibility", "opacity", "font-size", "font", "color", "background", "background-color", "position",
    "left", "top", "right", "bottom", "text-indent", "margin-left", "margin-top", "width", "height", "max-width",
    "max-height", "overflow", "clip", "clip-path", "transform", "content-visibility",
)  # fmt: skip
(_DISPLAY, _VISIBILITY, _OPACITY, _FONT_SIZE, _FONT, _COLOR, _BACKGROUND, _BACKGROUND_COLOR, _POSITION,
 _LEFT, _TOP, _RIGHT, _BOTTOM, _INDENT, _MARGIN_LEFT, _MARGIN_TOP, _WIDTH, _HEIGHT, _MAX_WIDTH,
 _MAX_HEIGHT, _OVERFLOW, _CLIP, _CLIP_PATH, _TRANSFORM, _CONTENT_VISIBILITY) = range(len(_NAMES))  # fmt: skip
PROPERTIES = len(_NAMES)
_KNOWN = name_table(np.array([name_hash(name) for name in _NAMES], dtype=np.uint64))

_PIXEL = 1000  # lengths are in thousandths of a pixel
_FAR = 900 * _PIXEL  # off the screen, whatever stands around
_ALIKE = 20  # of 255 in each channel: no eye tells #f8f8f8 from white


@leaf
def _ground(text: Bytes, at: int, end: int) -> int:
    """The colour in a ``background``; UNKNOWN where an image may lie over it."""
    found = TRANSPARENT
    while at < end:
        name, stop = word_at(text, at, end)
        if stop < end and text[stop] == OPEN and position(FUNCTIONS_KNOWN, name) < 0:  # url, a gradient
            return UNKNOWN
        colour = colour_at(text, at, end)
        if colour >= 0:
            found = colour
        depth = 0
        while at < end and (depth > 0 or text[at] != BLANK):
            depth += 1 if text[at] == OPEN else -1 if text[at] == CLOSE else 0
            at += 1
        at += 1
    return found


@leaf
def _is_clipped(text: Bytes, at: int, end: int) -> bool:
    """Whether ``clip`` or ``clip-path`` leaves no more than a point: all its numbers are 0 or 1, or insets meet."""
    name, at = word_at(text, at, end)
    if at >= end or text[at] != OPEN:
        return False
    function = position(FUNCTIONS_KNOWN, name)
    if function not in (RECT, INSET, CIRCLE, POLYGON):
        return False
    numbers = 0
    while at < end:
        if is_digit(text[at]) or text[at] == DOT:
            value, at = length_at(text, at, end)
            if function == INSET:
                return bool(value >= 500 * _PIXEL)  # half of it from each side
            if abs(value) > _PIXEL:
                return False
            numbers += 1
        else:
            at += 1
    return numbers > 0


@leaf
def _is_moved_away(text: Bytes, at: int, end: int) -> bool:
    """Whether a ``transform`` shrinks what it is of to nothing, or moves it off the screen."""
    while at < end:
        name, stop = word_at(text, at, end)
        if stop < end and text[stop] == OPEN:
            function = position(FUNCTIONS_KNOWN, name)
            value, _ = length_at(text, stop + 1, end)
            if function in (SCALE, SCALE_X, SCALE_Y) and value != UNSET and abs(value) < 10:
                return True
            if function in (TRANSLATE, TRANSLATE_X, TRANSLATE_Y) and value != UNSET and abs(value) > _FAR:
                return True
        at = max(stop, at + 1)
    return False


@leaf
def _says_so(text: Bytes, kind: int, at: int, end: int) -> bool:
    """Whether the value of a property that is no length and no colour hides, or lifts out of the flow."""
    if kind in (_CLIP, _CLIP_PATH):
        return _is_clipped(text, at, end)
    if kind == _TRANSFORM:
        return _is_moved_away(text, at, end)
    name, _ = word_at(text, at, end)
    word = position(WORDS_KNOWN, name)
    if kind == _DISPLAY:
        return bool(word == NONE)
    return word in (ABSOLUTE, FIXED) if kind == _POSITION else word in (HIDDEN, COLLAPSE, CLIPS)


@leaf
def _value(text: Bytes, kind: int, at: int, end: int) -> int:
    """What one declaration says, as a number: a length, a colour, or 1 where it hides."""
    if kind in (_COLOR, _BACKGROUND_COLOR):
        return colour_at(text, at, end)
    if kind == _BACKGROUND:
        return _ground(text, at, end)
    if kind in (_DISPLAY, _VISIBILITY, _POSITION, _OVERFLOW, _CONTENT_VISIBILITY, _CLIP, _CLIP_PATH, _TRANSFORM):
        return 1 if _says_so(text, kind, at, end) else 0
    value, stop = length_at(text, at, end)
    if kind == _FONT and (value != 0 or stop >= end):
        return 16 * _PIXEL  # a shorthand that does not begin with the size; what it sets is seen
    return value


@leaf
def read_style(src: Bytes, start: int, end: int, text: Bytes, found: Longs) -> None:
    """Fill ``found``, of PROPERTIES numbers, with what a style says; UNSET where it says nothing.

    The last declaration of a property counts, or the last that is ``!important``. ``text`` is a place to write,
    of STYLE_BYTES at least.
    """
    found[:] = UNSET
    important = 0
    size = plain(src, start, min(end, start + STYLE_BYTES), text)
    at = 0
    while at < size:
        name, colon = word_at(text, at, size)
        stop, bang, depth = at, 0, 0
        while stop < size and (depth > 0 or text[stop] != SEMICOLON):
            depth += 1 if text[stop] == OPEN else -1 if text[stop] == CLOSE and depth > 0 else 0
            bang = stop if text[stop] == BANG else bang
            stop += 1
        kind = position(_KNOWN, name) if colon < stop and text[colon] == COLON else -1
        if kind >= 0 and (bang or not important >> kind & 1):
            important |= 1 << kind if bang else 0
            found[kind] = _value(text, kind, colon + 1, bang if bang else stop)
        at = stop + 1
        while at < size and text[at] in (BLANK, SEMICOLON):
            at += 1


@leaf
def hides(found: Longs) -> int:
    """How a style hides what it is of, whatever stands inside: SEEN, FOLDED or CONCEALED."""
    away = max(found[_LEFT], found[_TOP]) >= 5 * _FAR
    for kind in (_LEFT, _TOP, _RIGHT, _BOTTOM):
        away = away or (found[kind] != UNSET and found[kind] <= -_FAR)
    concealed = found[_POSITION] == 1 and (away or found[_CLIP] == 1)
    for kind in (_INDENT, _MARGIN_LEFT, _MARGIN_TOP):
        concealed = concealed or (found[kind] != UNSET and found[kind] <= -_FAR)
    if concealed or found[_CLIP_PATH] == 1 or found[_TRANSFORM] == 1:
        return CONCEALED
    folded = found[_DISPLAY] == 1 or found[_CONTENT_VISIBILITY] == 1
    # With a transform it is a picture of a page that was fading in when it was saved.
    folded = folded or (found[_OPACITY] != UNSET and found[_OPACITY] < 50 and found[_TRANSFORM] == UNSET)
    for kind in (_WIDTH, _HEIGHT, _MAX_WIDTH, _MAX_HEIGHT):
        folded = folded or (found[_OVERFLOW] == 1 and found[kind] != UNSET and found[kind] <= _PIXEL)
    return FOLDED if folded else SEEN


@leaf
def font(found: Longs) -> int:
    """The size of the letters in thousandths of a pixel, UNSET where a style does not say."""
    return int(found[_FONT_SIZE] if found[_FONT_SIZE] != UNSET else found[_FONT])


@leaf
def visibility(found: Longs) -> int:
    """1 invisible, 0 visible, UNSET."""
    return int(found[_VISIBILITY])


@leaf
def colour(found: Longs) -> int:
    """Of the letters; UNSET, UNKNOWN or TRANSPARENT."""
    return int(found[_COLOR])


@leaf
def ground(found: Longs) -> int:
    """The background's colour; UNSET, UNKNOWN or TRANSPARENT."""
    return int(found[_BACKGROUND_COLOR] if found[_BACKGROUND_COLOR] != UNSET else found[_BACKGROUND])


@leaf
def is_unseen(letters: int, ground: int) -> bool:
    """Whether letters of one colour cannot be told from a ground of another."""
    if letters == TRANSPARENT:
        return True
    if letters < 0 or ground < 0:
        return False
    apart = 0
    for shift in (0, 8, 16):
        apart = max(apart, abs((letters >> shift & 255) - (ground >> shift & 255)))
    return apart <= _ALIKE
