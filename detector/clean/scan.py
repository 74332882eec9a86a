"""The compiled half of the guard: one pass over a page's bytes that writes a page which is safe to parse.

The tokens are those of the WHATWG HTML standard (13.2.5), simplified. What is written is well nested: every end
tag that the page implies is spelled out, so a parser's stack never grows beyond the guard's own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detector.clean.tags import (
    A_HASH,
    ATTRIBUTE_HASHES,
    BR_HASH,
    F_BLOCK,
    F_CELL,
    F_ESCAPABLE,
    F_IGNORED,
    F_ONCE,
    F_RAW,
    F_SCRIPT,
    F_SELF_ENDING,
    F_VOID,
    P_HASH,
    TAG_FLAGS,
    TAG_HASHES,
)
from detector.jit import njit

Bytes = NDArray[np.uint8]
Longs = NDArray[np.int64]
Names = NDArray[np.uint64]

# Positions in the state array: cursors first, then counters.
IN, OUT, DEPTH, OVERFLOW, TAGS, COMMENT_END, QUOT_END, APOS_END = range(8)
N_FLATTENED, N_TAG_CUT, N_ATTRIBUTES, N_COMMENT, N_SCRIPT, N_QUOTE, N_LDJSON, N_RAW, N_DTD = range(8, 17)
STATES = 17
MAX_LDJSON = 64
SLACK = 1 << 19  # room that one token may take in the output beyond the limit: 64 KiB of attributes, all quotes

_LT, _GT, _SLASH, _BANG, _QUESTION, _DASH, _QUOT, _APOS, _EQUALS = 60, 62, 47, 33, 63, 45, 34, 39, 61


@njit
def _is_space(byte: int) -> bool:
    return byte == 32 or (9 <= byte <= 13)


@njit
def _is_letter(byte: int) -> bool:
    return 97 <= (byte | 32) <= 122


@njit
def _position(sorted_hashes: Names, value: np.uint64) -> int:
    low, high = 0, sorted_hashes.size
    while low < high:
        middle = (low + high) >> 1
        if sorted_hashes[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low if low < sorted_hashes.size and sorted_hashes[low] == value else -1


@njit
def _find(src: Bytes, start: int, byte: int) -> int:
    """Position of the next ``byte`` at or after ``start``, or -1."""
    for i in range(start, src.size):
        if src[i] == byte:
            return i
    return -1


@njit
def _name(src: Bytes, start: int) -> tuple[int, np.uint64]:
    """End and hash of the tag name that begins at ``start``."""
    value = np.uint64(0)
    i = start
    while i < src.size:
        byte = src[i]
        if _is_space(byte) or byte in (_GT, _SLASH):
            break
        if 65 <= byte <= 90:
            byte += 32
        value = value * np.uint64(131) + np.uint64(byte)
        i += 1
    return i, value


@njit
def _put(out: Bytes, state: Longs, src: Bytes, start: int, end: int) -> None:
    at = state[OUT]
    for i in range(start, end):
        out[at] = src[i]
        at += 1
    state[OUT] = at


@njit
def _put_byte(out: Bytes, state: Longs, byte: int) -> None:
    out[state[OUT]] = byte
    state[OUT] += 1


@njit
def _put_separator(out: Bytes, state: Longs) -> None:
    """U+2029, which stands for a block boundary whose tag was left out."""
    _put_byte(out, state, 0xE2)
    _put_byte(out, state, 0x80)
    _put_byte(out, state, 0xA9)


@njit
def _put_end_tag(out: Bytes, state: Longs, src: Bytes, start: int, end: int) -> None:
    _put_byte(out, state, _LT)
    _put_byte(out, state, _SLASH)
    _put(out, state, src, start, end)
    _put_byte(out, state, _GT)


@njit
def _skip_markup_declaration(src: Bytes, state: Longs) -> None:
    """Step over a comment, doctype or processing instruction at the cursor."""
    i = state[IN]
    if i + 3 < src.size and src[i + 1] == _BANG and src[i + 2] == _DASH and src[i + 3] == _DASH:
        if state[COMMENT_END] >= 0:
            state[COMMENT_END] = _comment_end(src, i + 4)
        if state[COMMENT_END] < 0:
            state[N_COMMENT] += 1
            state[IN] = i + 4  # nothing ends it: read on, for what follows may be the article
        else:
            state[IN] = state[COMMENT_END]
        return
    end = i + 1
    subset = False
    while end < src.size and (subset or src[end] != _GT):
        if src[end] == 91 and (src[i + 2] | 32) == 100:  # "<!D… [" opens an internal subset, "]" ends it
            subset = True
            state[N_DTD] += 1
        elif src[end] == 93:
            subset = False
        elif src[end] == _LT and not subset:
            break  # a declaration that was never ended
        end += 1
    if end >= src.size and subset:
        end = _find(src, i, _GT)
    state[IN] = min(end + (1 if end < src.size and src[end] == _GT else 0), src.size)


@njit
def _comment_end(src: Bytes, start: int) -> int:
    if start < src.size and src[start] == _GT:
        return start + 1
    for i in range(max(start - 2, 0), src.size - 2):
        if src[i] == _DASH and src[i + 1] == _DASH and (src[i + 2] == _GT):
            return i + 3
    return -1


@njit
def _raw_end(src: Bytes, start: int, name_start: int, name_end: int) -> int:
    """Position of the ``</name`` that ends a raw text element, or -1."""
    size = name_end - name_start
    for i in range(start, src.size - size - 1):
        if src[i] == _LT and src[i + 1] == _SLASH:
            same = True
            for k in range(size):
                if (src[i + 2 + k] | 32) != (src[name_start + k] | 32):
                    same = False
                    break
            if same:
                return i
    return -1


@njit
def _value_end(src: Bytes, state: Longs, start: int, quote: int) -> int:
    """Position of the closing quote, or -1; a failed search is remembered so that none is made twice."""
    memo = QUOT_END if quote == _QUOT else APOS_END
    if state[memo] < 0:
        return -1
    end = _find(src, start, quote)
    if end < 0:
        state[memo] = -1
    return end


@njit
def _copy_attribute(
    src: Bytes, out: Bytes, state: Longs, name_start: int, name_end: int, start: int, end: int, limit: int
) -> None:
    if end - start > limit:
        return  # a data: URI or worse; no text of the page is in it
    _put_byte(out, state, 32)
    _put(out, state, src, name_start, name_end)
    _put_byte(out, state, _EQUALS)
    _put_byte(out, state, _QUOT)
    for i in range(start, end):
        if src[i] == _QUOT:
            for byte in (38, 35, 51, 52, 59):  # &#34;
                _put_byte(out, state, byte)
        else:
            _put_byte(out, state, src[i])
    _put_byte(out, state, _QUOT)


@njit
def _attributes(src: Bytes, out: Bytes, state: Longs, known: Names, limits: Longs, keep: bool) -> bool:
    """Read the attributes at the cursor up to and over the ``>``; True when the tag names application/ld+json."""
    max_attributes, max_bytes, max_value = limits[2], limits[3], limits[4]
    i = state[IN]
    count = 0
    ldjson = False
    first_out = state[OUT]
    while i < src.size:
        while i < src.size and (_is_space(src[i]) or src[i] == _SLASH):
            i += 1
        if i >= src.size or src[i] == _GT:
            break
        name_start = i
        value = np.uint64(0)
        while i < src.size and not _is_space(src[i]) and src[i] not in (_GT, _SLASH) and src[i] != _EQUALS:
            value = value * np.uint64(131) + np.uint64(src[i] + 32 if 65 <= src[i] <= 90 else src[i])
            i += 1
        name_end = i
        if name_end == name_start:  # a stray "="
            i += 1
            continue
        while i < src.size and _is_space(src[i]):
            i += 1
        start = end = i
        if i < src.size and src[i] == _EQUALS:
            i += 1
            while i < src.size and _is_space(src[i]):
                i += 1
            if i < src.size and src[i] in (_QUOT, _APOS):
                start = i + 1
                end = _value_end(src, state, start, src[i])
                if end < 0:  # the quote is never closed: the tag ends at the next ">"
                    state[N_QUOTE] += 1
                    end = _find(src, start, _GT)
                    end = src.size if end < 0 else end
                    i = end
                else:
                    i = end + 1
            else:
                start = i
                while i < src.size and not _is_space(src[i]) and src[i] != _GT:
                    i += 1
                end = i
        count += 1
        if end - start >= 16 and src[start] == 97 and src[start + 12] == 108 and src[end - 1] == 110:
            ldjson = True  # type="application/ld+json"
        if keep and _position(known, value) >= 0:
            if count <= max_attributes and state[OUT] - first_out + (end - start) <= max_bytes:
                _copy_attribute(src, out, state, name_start, name_end, start, end, max_value)
            else:
                state[N_ATTRIBUTES] += 1
    if count > max_attributes:
        state[N_ATTRIBUTES] += 1
    state[IN] = min(i + 1, src.size)
    return ldjson


@njit
def _pop_to(src: Bytes, out: Bytes, state: Longs, starts: Longs, ends: Longs, depth: int) -> None:
    """Write the end tags of every open element beyond ``depth``."""
    for k in range(state[DEPTH] - 1, depth - 1, -1):
        _put_end_tag(out, state, src, starts[k], ends[k])
    state[DEPTH] = depth


@njit
def _end_tag(src: Bytes, out: Bytes, state: Longs, hashes: Names, flags: Longs, starts: Longs, ends: Longs) -> None:
    """Close what the end tag at the cursor closes; a stray one closes nothing."""
    stop, name = _name(src, state[IN] + 2)
    close = _find(src, stop, _GT)
    state[IN] = src.size if close < 0 else close + 1
    kind = _position(TAG_HASHES, name)
    flag = TAG_FLAGS[kind] if kind >= 0 else 0
    if state[OVERFLOW] > 0:
        state[OVERFLOW] -= 1
        if flag & F_BLOCK:
            _put_separator(out, state)
        return
    if flag & F_ONCE or flag & F_VOID:
        return
    for k in range(state[DEPTH] - 1, -1, -1):
        if hashes[k] == name:
            _pop_to(src, out, state, starts, ends, k)
            return
        if (flags[k] & F_CELL and not flag & F_CELL) or (flags[k] & F_BLOCK and not flag & F_BLOCK):
            return


@njit
def _imply_ends(
    src: Bytes, out: Bytes, state: Longs, name: int, flag: int, hashes: Names, flags: Longs, starts: Longs, ends: Longs
) -> None:
    """Close what a start tag closes by itself: the paragraph before a block, the item before an item, a link in a link."""
    depth = state[DEPTH]
    if name == A_HASH:
        for k in range(depth - 1, -1, -1):
            if hashes[k] == name:
                _pop_to(src, out, state, starts, ends, k)
                return
            if flags[k] & F_BLOCK:
                return
    elif depth > 0:
        top = hashes[depth - 1]
        if (top == name and flag & F_SELF_ENDING) or (top == P_HASH and flag & F_BLOCK):
            _pop_to(src, out, state, starts, ends, depth - 1)


@njit
def _skip_raw(
    src: Bytes, out: Bytes, state: Longs, kind: int, name_start: int, stop: int, unclosed: Longs, spans: Longs, ld: bool
) -> None:
    """Step over a raw text element's content, or copy it when it is text after all (title, textarea)."""
    flag = TAG_FLAGS[kind]
    end = -1 if unclosed[kind] else _raw_end(src, state[IN], name_start, stop)
    if end < 0:
        unclosed[kind] = 1
        if flag & F_SCRIPT:  # as in a browser, everything after it is script
            state[N_SCRIPT] += 1
            state[IN] = src.size
        else:
            state[N_RAW] += 1
        return
    if ld and state[N_LDJSON] < MAX_LDJSON:
        spans[state[N_LDJSON], 0] = state[IN]
        spans[state[N_LDJSON], 1] = end
        state[N_LDJSON] += 1
    state[IN] = end


@njit
def _copy_escapable(
    src: Bytes, out: Bytes, state: Longs, name_start: int, stop: int, kind: int, unclosed: Longs, limit: int
) -> None:
    """Copy a title or textarea with its tags; a ``<`` in it is text."""
    end = -1 if unclosed[kind] else _raw_end(src, state[IN], name_start, stop)
    if end < 0:
        unclosed[kind] = 1
        state[N_RAW] += 1
        return
    _put_byte(out, state, _LT)
    _put(out, state, src, name_start, stop)
    _put_byte(out, state, _GT)
    i = state[IN]
    while i < end and state[OUT] < limit:
        if src[i] == _LT:
            for byte in (38, 108, 116, 59):
                _put_byte(out, state, byte)
        else:
            _put_byte(out, state, src[i])
        i += 1
    _put_end_tag(out, state, src, name_start, stop)
    state[IN] = i if i < end else _find(src, end, _GT) + 1


@njit
def _start_tag(
    src: Bytes,
    out: Bytes,
    state: Longs,
    limits: Longs,
    hashes: Names,
    flags: Longs,
    starts: Longs,
    ends: Longs,
    seen_once: Names,
    unclosed: Longs,
    spans: Longs,
) -> None:
    """Write the start tag at the cursor with the attributes that matter, after the end tags that it implies."""
    max_out, max_tags, max_depth = limits[0], limits[1], limits[5]
    name_start = state[IN] + 1
    stop, name = _name(src, name_start)
    kind = _position(TAG_HASHES, name)
    flag = TAG_FLAGS[kind] if kind >= 0 else 0
    state[IN] = stop
    state[TAGS] += 1
    first = True
    if flag & F_ONCE:
        first = seen_once[kind] == 0
        seen_once[kind] = 1
    flat = state[TAGS] > max_tags or (state[DEPTH] >= max_depth and not flag & F_VOID) or stop - name_start > 64
    if flag & F_RAW or flag & F_IGNORED or flag & F_ESCAPABLE or flat or not first:
        ldjson = _attributes(src, out, state, ATTRIBUTE_HASHES, limits, False)
        if flag & F_RAW:
            _skip_raw(src, out, state, kind, name_start, stop, unclosed, spans, ldjson)
        elif flag & F_ESCAPABLE and not flat:
            _copy_escapable(src, out, state, name_start, stop, kind, unclosed, max_out)
        elif flat and not flag & F_VOID:
            state[N_TAG_CUT if state[TAGS] > max_tags else N_FLATTENED] += 1
            state[OVERFLOW] += 1
        if flag & F_BLOCK or name == BR_HASH:
            _put_separator(out, state)
        return
    _imply_ends(src, out, state, name, flag, hashes, flags, starts, ends)
    _put_byte(out, state, _LT)
    _put(out, state, src, name_start, stop)
    _attributes(src, out, state, ATTRIBUTE_HASHES, limits, True)
    _put_byte(out, state, _GT)
    if not flag & F_VOID:
        depth = state[DEPTH]
        hashes[depth], flags[depth], starts[depth], ends[depth] = name, flag, name_start, stop
        state[DEPTH] = depth + 1


@njit
def scan(src: Bytes, limits: Longs) -> tuple[Bytes, Longs, Longs]:
    """Bytes of a page in, bytes of a page that is safe to parse out, with the state and the JSON-LD spans.

    ``limits`` holds the greatest output in bytes, tags, attributes a tag, attribute bytes a tag, bytes of one
    attribute value, and depth. Linear in ``src.size``: no byte is looked at more than a fixed number of times.
    """
    max_out, max_depth = limits[0], limits[5]
    out = np.empty(min(max_out, 4 * src.size) + SLACK, dtype=np.uint8)
    state = np.zeros(STATES, dtype=np.int64)
    hashes = np.zeros(max_depth + 1, dtype=np.uint64)
    flags, starts, ends = (
        np.zeros(max_depth + 1, dtype=np.int64),
        np.zeros(max_depth + 1, dtype=np.int64),
        np.zeros(max_depth + 1, dtype=np.int64),
    )
    seen_once = np.zeros(TAG_HASHES.size, dtype=np.uint64)
    unclosed = np.zeros(TAG_HASHES.size, dtype=np.int64)
    spans = np.zeros((MAX_LDJSON, 2), dtype=np.int64)
    while state[IN] < src.size and state[OUT] < max_out:
        i = state[IN]
        byte = src[i]
        if byte != _LT:
            out[state[OUT]] = byte
            state[OUT] += 1
            state[IN] = i + 1
            continue
        following = src[i + 1] if i + 1 < src.size else 0
        if _is_letter(following):
            _start_tag(src, out, state, limits, hashes, flags, starts, ends, seen_once, unclosed, spans)
        elif following == _SLASH and i + 2 < src.size and _is_letter(src[i + 2]):
            _end_tag(src, out, state, hashes, flags, starts, ends)
        elif following in (_BANG, _QUESTION, _SLASH):
            _skip_markup_declaration(src, state)
        else:  # a "<" in prose
            for entity in (38, 108, 116, 59):
                _put_byte(out, state, entity)
            state[IN] = i + 1
    return out[: state[OUT]], state, spans[: state[N_LDJSON]]
