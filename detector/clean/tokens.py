"""Markup as the guard sees it, compiled: names, attributes, comments and raw text in bytes, and how to copy them.

The tokens are those of the WHATWG HTML standard (13.2.5), simplified. Every function is linear in what it steps over.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detector.jit import BLOCK, bytes_between, inlined, leaf, trailing_zeros

Bytes = NDArray[np.uint8]
Longs = NDArray[np.int64]
Names = NDArray[np.uint64]

# Positions in the state array: cursors first, then counters.
IN, OUT, DEPTH, OVERFLOW, TAGS, COMMENT_END, QUOT_END, APOS_END = range(8)
N_FLATTENED, N_TAG_CUT, N_ATTRIBUTES, N_COMMENT, N_SCRIPT, N_QUOTE, N_LDJSON, N_RAW, N_DTD = range(8, 17)
STATES = 17
MAX_LDJSON = 64
SLACK = 1 << 19  # room that one token may take in the output beyond the limit: 64 KiB of attributes, all quotes

LT, GT, SLASH, BANG, QUESTION, _DASH, _QUOT, _APOS, _EQUALS = 60, 62, 47, 33, 63, 45, 34, 39, 61


@inlined
def is_space(byte: int) -> bool:
    """White space of HTML."""
    return byte == 32 or (9 <= byte <= 13)


@inlined
def is_letter(byte: int) -> bool:
    """An ASCII letter."""
    return 97 <= (byte | 32) <= 122


@inlined
def position(table: Names, value: np.uint64) -> int:
    """The place of a name's hash among the known ones of ``tags.name_table``, or -1."""
    mask = np.uint64(len(table) - 1)
    slot = ((value * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)) & mask
    while table[slot, 0] != 0:
        if table[slot, 0] == value:
            return int(np.int64(table[slot, 1]))
        slot = (slot + np.uint64(1)) & mask
    return -1


@leaf
def find(src: Bytes, start: int, byte: int) -> int:
    """Position of the next ``byte`` at or after ``start``, or -1."""
    return find_within(src, start, src.size, byte)


@leaf
def find_within(src: Bytes, start: int, end: int, byte: int) -> int:
    """Position of the first ``byte`` in ``src[start:end]``, or -1; 64 bytes are looked at at once."""
    at = start
    while at < end and at + BLOCK <= src.size:
        found = bytes_between(src, at, byte, 1)
        if found:
            at += int(trailing_zeros(found))
            return at if at < end else -1
        at += BLOCK
    while at < end:
        if src[at] == byte:
            return at
        at += 1
    return -1


@inlined
def tag_name(src: Bytes, start: int) -> tuple[int, np.uint64]:
    """End and hash of the tag name that begins at ``start``."""
    value = np.uint64(0)
    i = start
    while i < src.size:
        byte = src[i]
        if is_space(byte) or byte in (GT, SLASH):
            break
        if 65 <= byte <= 90:
            byte += 32
        value = value * np.uint64(131) + np.uint64(byte)
        i += 1
    return i, value


@inlined
def put(out: Bytes, state: Longs, src: Bytes, start: int, end: int) -> None:
    """Copy ``src[start:end]`` to the output."""
    at, first = np.uint64(state[OUT]), np.uint64(start)
    for k in range(np.uint64(end - start)):
        out[at + k] = src[first + k]
    state[OUT] += end - start


@inlined
def put_byte(out: Bytes, state: Longs, byte: int) -> None:
    """Write one byte to the output."""
    out[state[OUT]] = byte
    state[OUT] += 1


@leaf
def put_separator(out: Bytes, state: Longs) -> None:
    """U+2029, which stands for a block boundary whose tag was left out; never twice in a row."""
    at = state[OUT]
    if at >= 3 and out[at - 1] == 0xA9 and out[at - 2] == 0x80 and out[at - 3] == 0xE2:
        return
    put_byte(out, state, 0xE2)
    put_byte(out, state, 0x80)
    put_byte(out, state, 0xA9)


@leaf
def put_end_tag(out: Bytes, state: Longs, src: Bytes, start: int, end: int) -> None:
    """Write the end tag of the name at ``src[start:end]``."""
    put_byte(out, state, LT)
    put_byte(out, state, SLASH)
    put(out, state, src, start, end)
    put_byte(out, state, GT)


@leaf
def skip_markup_declaration(src: Bytes, state: Longs) -> None:
    """Step over a comment, doctype or processing instruction at the cursor."""
    i = state[IN]
    if i + 3 < src.size and src[i + 1] == BANG and src[i + 2] == _DASH and src[i + 3] == _DASH:
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
    while end < src.size and (subset or src[end] != GT):
        if src[end] == 91 and (src[i + 2] | 32) == 100:  # "<!D… [" opens an internal subset, "]" ends it
            subset = True
            state[N_DTD] += 1
        elif src[end] == 93:
            subset = False
        elif src[end] == LT and not subset:
            break  # a declaration that was never ended
        end += 1
    if end >= src.size and subset:
        end = find(src, i, GT)
        end = src.size if end < 0 else end
    state[IN] = min(end + (1 if end < src.size and src[end] == GT else 0), src.size)


@leaf
def _comment_end(src: Bytes, start: int) -> int:
    if start < src.size and src[start] == GT:
        return start + 1
    end = find(src, start, GT)
    while end >= 0:
        if src[end - 1] == _DASH and src[end - 2] == _DASH:
            return end + 1
        end = find(src, end + 1, GT)
    return -1


@leaf
def raw_end(src: Bytes, start: int, name_start: int, name_end: int) -> int:
    """Position of the ``</name`` that ends a raw text element, or -1."""
    size = name_end - name_start
    i = find(src, start, LT)
    while 0 <= i < src.size - size - 1:
        if src[i + 1] == SLASH:
            k = 0
            while k < size and (src[i + 2 + k] | 32) == (src[name_start + k] | 32):
                k += 1
            if k == size:
                return i
        i = find(src, i + 1, LT)
    return -1


@inlined
def _value_end(src: Bytes, state: Longs, start: int, quote: int) -> int:
    """Position of the closing quote, or -1; a failed search is remembered so that none is made twice."""
    memo = QUOT_END if quote == _QUOT else APOS_END
    if state[memo] < 0:
        return -1
    end = find(src, start, quote)
    if end < 0:
        state[memo] = -1
    return end


@leaf
def _copy_attribute(
    src: Bytes, out: Bytes, state: Longs, name_start: int, name_end: int, start: int, end: int, limit: int
) -> None:
    if end - start > limit:
        return  # a data: URI or worse; no text of the page is in it
    put_byte(out, state, 32)
    put(out, state, src, name_start, name_end)
    put_byte(out, state, _EQUALS)
    put_byte(out, state, _QUOT)
    quote = find_within(src, start, end, _QUOT)
    while quote >= 0:
        put(out, state, src, start, quote)
        for byte in (38, 35, 51, 52, 59):  # &#34;
            put_byte(out, state, byte)
        start = quote + 1
        quote = find_within(src, start, end, _QUOT)
    put(out, state, src, start, end)
    put_byte(out, state, _QUOT)


@inlined
def _value(src: Bytes, state: Longs, at: int) -> tuple[int, int, int]:
    """Start, end and what follows of the attribute value whose name ends at ``at``; an empty one without ``=``."""
    i = _after_spaces(src, at)
    if i >= src.size or src[i] != _EQUALS:
        return i, i, i
    i = _after_spaces(src, i + 1)
    if i < src.size and src[i] in (_QUOT, _APOS):
        end = _value_end(src, state, i + 1, src[i])
        if end >= 0:
            return i + 1, end, end + 1
        state[N_QUOTE] += 1  # the quote is never closed: the tag ends at the next ">"
        end = find(src, i + 1, GT)
        end = src.size if end < 0 else end
        return i + 1, end, end
    start = i
    while i < src.size and not is_space(src[i]) and src[i] != GT:
        i += 1
    return start, i, i


@inlined
def _after_spaces(src: Bytes, at: int) -> int:
    while at < src.size and is_space(src[at]):
        at += 1
    return at


@inlined
def _attribute_name(src: Bytes, at: int) -> tuple[int, np.uint64]:
    """End and hash of the attribute name that begins at ``at``."""
    value = np.uint64(0)
    while at < src.size and not is_space(src[at]) and src[at] not in (GT, SLASH) and src[at] != _EQUALS:
        value = value * np.uint64(131) + np.uint64(src[at] + 32 if 65 <= src[at] <= 90 else src[at])
        at += 1
    return at, value


@leaf
def _is_ldjson(src: Bytes, start: int, end: int) -> bool:
    """Whether an attribute value reads application/ld+json; length, first, slash, plus and last letter tell it."""
    return (
        end - start == 19
        and src[start] == 97
        and src[start + 11] == SLASH
        and src[start + 14] == 43
        and src[end - 1] == 110
    )


@leaf
def attributes(src: Bytes, out: Bytes, state: Longs, known: Names, limits: Longs, keep: bool) -> bool:
    """Read the attributes at the cursor up to and over the ``>``; True when one reads application/ld+json."""
    max_attributes, max_bytes, max_value = limits[2], limits[3], limits[4]
    i = state[IN]
    count = 0
    ldjson = False
    first_out = state[OUT]
    while i < src.size and src[i] != GT:
        if is_space(src[i]) or src[i] == SLASH:
            i += 1
            continue
        name_end, name = _attribute_name(src, i)
        if name_end == i:  # a stray "="
            i += 1
            continue
        start, end, following = _value(src, state, name_end)
        ldjson = ldjson or _is_ldjson(src, start, end)
        count += 1
        fits = count <= max_attributes and state[OUT] - first_out + (end - start) <= max_bytes
        if not fits:
            state[N_ATTRIBUTES] += 1
        elif keep and position(known, name) >= 0:
            _copy_attribute(src, out, state, i, name_end, start, end, max_value)
        i = following
    state[IN] = min(i + 1, src.size)
    return ldjson
