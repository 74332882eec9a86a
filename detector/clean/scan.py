"""The compiled half of the guard: one pass over a page's bytes that writes a page which is safe to parse.

What is written is well nested: every end tag that the page implies is spelled out, so a parser's stack never grows
beyond the guard's own.
"""

from __future__ import annotations

import numpy as np

from detector.clean.tags import (
    A_HASH,
    ATTRIBUTES_KNOWN,
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
    TAGS_KNOWN,
)
from detector.clean.tokens import (
    BANG,
    DEPTH,
    GT,
    IN,
    LT,
    MAX_LDJSON,
    N_FLATTENED,
    N_LDJSON,
    N_RAW,
    N_SCRIPT,
    N_TAG_CUT,
    OUT,
    OVERFLOW,
    QUESTION,
    SLACK,
    SLASH,
    STATES,
    TAGS,
    Bytes,
    Longs,
    Names,
    attributes,
    find,
    is_letter,
    position,
    put,
    put_byte,
    put_end_tag,
    put_separator,
    raw_end,
    skip_markup_declaration,
    tag_name,
)
from detector.jit import leaf

FLAGS, START, END = range(3)  # columns of the stack: an open element's flags, and where its name stands
ONCE, UNCLOSED = range(2)  # columns of what was seen of each known name


@leaf
def _pop_to(src: Bytes, out: Bytes, state: Longs, stack: Longs, depth: int) -> None:
    """Write the end tags of every open element beyond ``depth``."""
    for k in range(state[DEPTH] - 1, depth - 1, -1):
        put_end_tag(out, state, src, stack[k, START], stack[k, END])
    state[DEPTH] = depth


@leaf
def _end_tag(src: Bytes, out: Bytes, state: Longs, names: Names, stack: Longs) -> None:
    """Close what the end tag at the cursor closes; a stray one closes nothing."""
    stop, name = tag_name(src, state[IN] + 2)
    close = find(src, stop, GT)
    state[IN] = src.size if close < 0 else close + 1
    kind = position(TAGS_KNOWN, name)
    flag = TAG_FLAGS[kind] if kind >= 0 else 0
    if state[OVERFLOW] > 0:
        state[OVERFLOW] -= 1
        if flag & F_BLOCK:
            put_separator(out, state)
        return
    if flag & F_ONCE or flag & F_VOID:
        return
    for k in range(state[DEPTH] - 1, -1, -1):
        if names[k] == name:
            _pop_to(src, out, state, stack, k)
            return
        if (stack[k, FLAGS] & F_CELL and not flag & F_CELL) or (stack[k, FLAGS] & F_BLOCK and not flag & F_BLOCK):
            return


@leaf
def _imply_ends(src: Bytes, out: Bytes, state: Longs, name: np.uint64, flag: int, names: Names, stack: Longs) -> None:
    """Close what a start tag closes: the paragraph before a block, the item before an item, a link before a link."""
    depth = state[DEPTH]
    if name == A_HASH:
        for k in range(depth - 1, -1, -1):
            if names[k] == name:
                _pop_to(src, out, state, stack, k)
                return
            if stack[k, FLAGS] & F_BLOCK:
                return
    elif depth > 0:
        top = names[depth - 1]
        if (top == name and flag & F_SELF_ENDING) or (top == P_HASH and flag & F_BLOCK):
            _pop_to(src, out, state, stack, depth - 1)


@leaf
def _skip_raw(
    src: Bytes, state: Longs, kind: int, name_start: int, stop: int, seen: Longs, spans: Longs, ld: bool
) -> None:
    """Step over a raw text element's content; JSON-LD is remembered."""
    flag = TAG_FLAGS[kind]
    end = -1 if seen[kind, UNCLOSED] else raw_end(src, state[IN], name_start, stop)
    if end < 0:
        seen[kind, UNCLOSED] = 1
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


@leaf
def _copy_escapable(
    src: Bytes, out: Bytes, state: Longs, name_start: int, stop: int, kind: int, seen: Longs, limit: int
) -> None:
    """Copy a title or textarea with its tags; a ``<`` in it is text."""
    end = -1 if seen[kind, UNCLOSED] else raw_end(src, state[IN], name_start, stop)
    if end < 0:
        seen[kind, UNCLOSED] = 1
        state[N_RAW] += 1
        return
    put_byte(out, state, LT)
    put(out, state, src, name_start, stop)
    put_byte(out, state, GT)
    i = state[IN]
    while i < end and state[OUT] < limit:
        if src[i] == LT:
            for byte in (38, 108, 116, 59):
                put_byte(out, state, byte)
        else:
            put_byte(out, state, src[i])
        i += 1
    put_end_tag(out, state, src, name_start, stop)
    closes = find(src, end, GT)
    state[IN] = i if i < end else src.size if closes < 0 else closes + 1  # "</title" may be the page's last word


@leaf
def _start_tag(
    src: Bytes, out: Bytes, state: Longs, limits: Longs, names: Names, stack: Longs, seen: Longs, spans: Longs
) -> None:
    """Write the start tag at the cursor with the attributes that matter, after the end tags that it implies."""
    max_out, max_tags, max_depth = limits[0], limits[1], limits[5]
    name_start = state[IN] + 1
    stop, name = tag_name(src, name_start)
    kind = position(TAGS_KNOWN, name)
    flag = TAG_FLAGS[kind] if kind >= 0 else 0
    state[IN] = stop
    state[TAGS] += 1
    first = True
    if flag & F_ONCE:
        first = seen[kind, ONCE] == 0
        seen[kind, ONCE] = 1
    flat = state[TAGS] > max_tags or (state[DEPTH] >= max_depth and not flag & F_VOID) or stop - name_start > 64
    if flag & F_RAW or flag & F_IGNORED or flag & F_ESCAPABLE or flat or not first:
        ldjson = attributes(src, out, state, ATTRIBUTES_KNOWN, limits, False)
        if flag & F_RAW:
            _skip_raw(src, state, kind, name_start, stop, seen, spans, ldjson)
        elif flag & F_ESCAPABLE and not flat:
            _copy_escapable(src, out, state, name_start, stop, kind, seen, max_out)
        elif flat and not flag & F_VOID:
            state[N_TAG_CUT if state[TAGS] > max_tags else N_FLATTENED] += 1
            state[OVERFLOW] += 1
        if flag & F_BLOCK or name == BR_HASH:
            put_separator(out, state)
        return
    _imply_ends(src, out, state, name, flag, names, stack)
    put_byte(out, state, LT)
    put(out, state, src, name_start, stop)
    attributes(src, out, state, ATTRIBUTES_KNOWN, limits, True)
    put_byte(out, state, GT)
    if not flag & F_VOID:
        depth = state[DEPTH]
        names[depth] = name
        stack[depth, FLAGS], stack[depth, START], stack[depth, END] = flag, name_start, stop
        state[DEPTH] = depth + 1


def scan(src: Bytes, limits: Longs) -> tuple[Bytes, Longs, Longs]:
    """Bytes of a page in, bytes of a page that is safe to parse out, with the state and the JSON-LD spans.

    ``limits`` holds the greatest output in bytes, tags, attributes a tag, attribute bytes a tag, bytes of one
    attribute value, and depth. Linear in ``src.size``: no byte is looked at more than a fixed number of times.
    """
    out = np.empty(min(int(limits[0]), 4 * src.size) + SLACK, dtype=np.uint8)
    state = np.zeros(STATES, dtype=np.int64)
    names = np.zeros(int(limits[5]) + 1, dtype=np.uint64)
    stack = np.zeros((int(limits[5]) + 1, 3), dtype=np.int64)
    seen = np.zeros((TAG_FLAGS.size, 2), dtype=np.int64)
    spans = np.zeros((MAX_LDJSON, 2), dtype=np.int64)
    _scan(src, out, state, limits, names, stack, seen, spans)
    return out[: state[OUT]], state, spans[: state[N_LDJSON]]


@leaf
def _scan(
    src: Bytes, out: Bytes, state: Longs, limits: Longs, names: Names, stack: Longs, seen: Longs, spans: Longs
) -> None:
    """``scan`` into the arrays that it is given: of each open element its name, flags and place; what was seen."""
    max_out = limits[0]
    while state[IN] < src.size and state[OUT] < max_out:
        i = state[IN]
        byte = src[i]
        if byte != LT:
            end = find(src, i, LT)
            end = min(src.size if end < 0 else end, i + max_out - state[OUT])
            put(out, state, src, i, end)
            state[IN] = end
            continue
        following = src[i + 1] if i + 1 < src.size else 0
        if is_letter(following):
            _start_tag(src, out, state, limits, names, stack, seen, spans)
        elif following == SLASH and i + 2 < src.size and is_letter(src[i + 2]):
            _end_tag(src, out, state, names, stack)
        elif following in (BANG, QUESTION, SLASH):
            skip_markup_declaration(src, state)
        else:  # a "<" in prose
            for entity in (38, 108, 116, 59):
                put_byte(out, state, entity)
            state[IN] = i + 1
