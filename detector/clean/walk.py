"""A guarded page → its blocks, elements and runs as arrays, compiled: one pass over the guard's well-nested bytes.

lxml's tree of the same bytes takes ten times as long to build and to walk in Python. This is no parser of HTML at
large: it reads what ``scan.py`` wrote, in which every start tag has its end tag and every value its quotes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detector.clean import hiding as h
from detector.clean.css import TRANSPARENT, UNKNOWN, UNSET
from detector.clean.entities import reference
from detector.clean.tags import (
    ATTRIBUTES,
    ATTRIBUTES_KNOWN,
    W_ARTICLE,
    W_BESIDE,
    W_BLOCK,
    W_BODY,
    W_BREAK,
    W_BUTTON,
    W_EMPHASIS,
    W_HIDDEN,
    W_HTML,
    W_IMAGE,
    W_LINK,
    W_META,
    W_PRE,
    W_SKIP,
    W_STRONG,
    W_TIME,
    W_TITLE,
    W_VOID,
    WALK_FLAGS,
    WALK_KNOWN,
    WALK_NAMES,
)
from detector.clean.tokens import GT, LT, SLASH, Bytes, Longs, find, position, tag_name
from detector.jit import BLOCK, bytes_between, inlined, leaf, ones

Codes = NDArray[np.uint32]
Ints = NDArray[np.int32]

_ATTRIBUTES = len(ATTRIBUTES)
(_ALT, _ARIA_HIDDEN, _CHARSET, _CLASS, _COLSPAN, _CONTENT, _DATA_SRC, _DATETIME, _HIDDEN, _HREF, _ID, _ITEMPROP,
 _ITEMTYPE, _LANG, _NAME, _PROPERTY, _REL, _ROLE, _ROWSPAN, _SRC, _STYLE, _TYPE) = range(_ATTRIBUTES)  # fmt: skip

# Columns of the table of elements; positions are those of bytes of the page.
E_PARENT, E_TAG, E_HIDDEN, E_DEPTH, E_NAMES = range(5)
NAMING = (_CLASS, _ID, _ROLE, _ITEMPROP, _ITEMTYPE)  # the attributes that name an element
ELEMENT_COLUMNS = E_NAMES + 2 * len(NAMING)
# Columns of the table of blocks; positions are those of characters of the text.
B_START, B_ELEMENT, B_LINK_CHARS, B_LINKS, B_BROKEN, B_RUN = range(6)
BLOCK_COLUMNS = 6
R_START, R_EMPHASIS, R_HREF = range(3)  # of runs; R_HREF is a position in the table of links, or -1
RUN_COLUMNS = 3
LINE_BREAK = -2  # in R_HREF: the run is a line break alone
# Columns of what is read beside the text: spans of meta and link elements, images and times.
X_KIND, X_BLOCK, X_SPANS = range(3)
X_META, X_LINK, X_IMAGE, X_TIME, X_TITLE, X_HTML = range(6)
EXTRA_SPANS = 5
EXTRA_COLUMNS = X_SPANS + 2 * EXTRA_SPANS

# The state of a walk.
(_ELEMENT, _EMPHASIS, _LINK, _BREAKS, _BROKEN, _CHARS, _BLOCKS, _RUNS, _ELEMENTS, _DEPTH, _SKIP, _PENDING, _START,
 _LINK_CHARS, _LINKS, _LAST_LINK, _N_LINKS, _EXTRAS, _ARTICLES, _BESIDES, _PRES, _TIMES,
 _FIRST_RUN, _DEEPER, _BURIED, _INVISIBLE, _TINY, _COLOUR, _GROUND, _QUIET, _CONCEALED) = range(31)  # fmt: skip
_STATES = 31
MAX_TIMES = 50
_HTML_TAG, _BODY_TAG = WALK_NAMES.index("html"), WALK_NAMES.index("body")
# What is kept of each open element: its flags, and what was in force around it.
S_FLAGS, S_ELEMENT, S_EMPHASIS, S_LINK, S_NAMES = range(5)  # the last: start and end of class and itemprop
S_SIGHT = 8  # what hides text: from _BURIED to _QUIET of the state
_SIGHT = 6
_STACK = S_SIGHT + _SIGHT
_OPENED = 1 << 40  # in S_FLAGS: the element has a row in the table of elements
_NEWLINE, _BLANK, _ZERO_WIDTH, _SEPARATOR, _AMPERSAND = 10, 32, 0x200B, 0x2029, 38


@inlined
def _is_space(code: int) -> bool:
    """White space of Unicode, as ``str.split`` knows it."""
    if code < 0x80:
        return code == 32 or 9 <= code <= 13 or 28 <= code <= 31
    return code in (0x85, 0xA0, 0x1680, 0x2028, 0x202F, 0x205F, 0x3000, _SEPARATOR) or 0x2000 <= code <= 0x200A


@leaf
def _flush(state: Longs, chars: Codes, blocks: Ints) -> None:
    """End the block that is being gathered, if it has any text."""
    if state[_CHARS] > state[_START]:
        b = state[_BLOCKS]
        blocks[b, B_START], blocks[b, B_ELEMENT] = state[_START], state[_ELEMENT]
        blocks[b, B_LINK_CHARS], blocks[b, B_LINKS] = state[_LINK_CHARS], state[_LINKS]
        blocks[b, B_BROKEN], blocks[b, B_RUN] = state[_BROKEN], state[_FIRST_RUN]
        chars[state[_CHARS]] = 0
        state[_CHARS] += 1
        state[_BLOCKS] += 1
        state[_START] = state[_CHARS]
        state[_FIRST_RUN] = state[_RUNS]
    state[_BREAKS] = state[_BROKEN] = state[_PENDING] = state[_LINK_CHARS] = state[_LINKS] = 0
    state[_LAST_LINK] = -1


@inlined
def _begin_run(state: Longs, runs: Ints, emphasis: int, link: int) -> None:
    """Make the next character the first of a run, unless the run before it has the same markup."""
    if state[_RUNS] > state[_FIRST_RUN]:
        last = state[_RUNS] - 1
        if runs[last, R_EMPHASIS] == emphasis and runs[last, R_HREF] == link:
            return
    r = state[_RUNS]
    runs[r, R_START], runs[r, R_EMPHASIS], runs[r, R_HREF] = state[_CHARS], emphasis, link
    state[_RUNS] += 1


@leaf
def _put_blank(state: Longs, chars: Codes, runs: Ints) -> None:
    """One blank between two words, under the markup that both of them have."""
    last = state[_RUNS] - 1
    link = runs[last, R_HREF] if runs[last, R_HREF] == state[_LINK] else -1
    _begin_run(state, runs, runs[last, R_EMPHASIS] & state[_EMPHASIS], link)
    if link >= 0:
        state[_LINK_CHARS] += 1
    chars[state[_CHARS]] = _BLANK
    state[_CHARS] += 1


@inlined
def _put(state: Longs, chars: Codes, runs: Ints, blocks: Ints, code: int) -> None:
    """One visible character, after the break or blank that stands before it."""
    if state[_BREAKS]:
        if state[_BREAKS] > 1:
            _flush(state, chars, blocks)
            state[_BROKEN] = 1
        elif state[_CHARS] > state[_START]:
            _begin_run(state, runs, 0, LINE_BREAK)
            chars[state[_CHARS]] = _NEWLINE
            state[_CHARS] += 1
        state[_BREAKS] = state[_PENDING] = 0
    if state[_PENDING]:
        if state[_CHARS] > state[_START]:
            _put_blank(state, chars, runs)
        state[_PENDING] = 0
    _begin_run(state, runs, state[_EMPHASIS], state[_LINK])
    if state[_LINK] >= 0:
        state[_LINK_CHARS] += 1
        if state[_LAST_LINK] != state[_LINK]:
            state[_LINKS] += 1
    state[_LAST_LINK] = state[_LINK]
    chars[state[_CHARS]] = code
    state[_CHARS] += 1


@inlined
def _plain(src: Bytes, at: int, end: int, state: Longs, chars: Codes) -> int:
    """Copy ASCII words and single blanks, which need no second look; the position of what does."""
    count = state[_CHARS]
    first = count
    while at < end:
        byte = src[at]
        if byte == 32 and at + 1 < end and 32 < src[at + 1] < 0x7F and src[at + 1] != _AMPERSAND:
            chars[count] = 32
        elif 32 < byte < 0x7F and byte != _AMPERSAND:
            chars[count] = byte
        else:
            break
        count += 1
        at += 1
    state[_CHARS] = count
    if state[_LINK] >= 0:
        state[_LINK_CHARS] += count - first
    return at


@inlined
def _character(src: Bytes, at: int) -> tuple[int, int]:
    """The character of two to four bytes at ``at``, and the position after it; U+FFFD for what is no UTF-8."""
    byte = int(src[at])
    size = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
    code = byte & (0xFF >> (size + 1))
    if at + size > src.size:  # cut in the middle, which the guard does not do
        return 0xFFFD, src.size
    for k in range(1, size):
        code = (code << 6) | (src[at + k] & 0x3F)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF or code == 0:
        code = 0xFFFD
    return code, at + size


@leaf
def _text(src: Bytes, at: int, end: int, state: Longs, chars: Codes, runs: Ints, blocks: Ints) -> None:
    """The characters of ``src[at:end]``, which holds no markup."""
    while at < end:
        extra = 0
        code = int(src[at])
        if code == _AMPERSAND:
            code, extra, at = reference(src, at, end)
        elif code < 0x80:
            at += 1
        else:
            code, at = _character(src, at)
        if code == _SEPARATOR:
            _flush(state, chars, blocks)
        elif _is_space(code):
            state[_PENDING] = 1
            if code == _NEWLINE and state[_PRES] > 0 and state[_BREAKS] == 0:
                state[_BREAKS] = 1
        elif code not in (_ZERO_WIDTH, 0):  # a 0 ends a block
            _put(state, chars, runs, blocks, code)
            if extra:
                _put(state, chars, runs, blocks, extra)
            at = _plain(src, at, end, state, chars)


@inlined
def _after(src: Bytes, at: int, byte: int) -> int:
    """The position after the next ``byte``, or after the end."""
    found = find(src, at, byte)
    return src.size + 1 if found < 0 else found + 1


@leaf
def _read_attributes(src: Bytes, at: int, spans: Longs) -> int:
    """Fill ``spans`` with the start and end of each known attribute's value, -1 for none; the position after ``>``."""
    for k in range(_ATTRIBUTES):
        spans[k, 0] = -1
    while at < src.size and src[at] != GT:
        if src[at] == 32 or src[at] == SLASH:
            at += 1
            continue
        value = np.uint64(0)
        while at < src.size and src[at] != 61:
            value = value * np.uint64(131) + np.uint64(src[at] + 32 if 65 <= src[at] <= 90 else src[at])
            at += 1
        start = at + 2
        end = find(src, start, 34)
        if end < 0:  # not what the guard writes
            return src.size
        column = position(ATTRIBUTES_KNOWN, value)
        if column >= 0 and spans[column, 0] < 0:  # the first of a name counts
            spans[column, 0], spans[column, 1] = start, end
        at = end + 1
    return at + 1


@leaf
def _reads(src: Bytes, start: int, end: int, pattern: Bytes) -> bool:
    """Whether ``src[start:end]`` is ``pattern``, which is in small letters, whatever its case."""
    if end - start != pattern.size:
        return False
    for k in range(pattern.size):
        byte = src[start + k]
        if (byte + 32 if 65 <= byte <= 90 else byte) != pattern[k]:
            return False
    return True


_TRUE, _ARTICLE_BODY = np.frombuffer(b"true", np.uint8), np.frombuffer(b"articlebody", np.uint8)


@leaf
def _look(src: Bytes, state: Longs, spans: Longs, style: Longs, room: Bytes, buried: bool) -> int:
    """Take over what an element's attributes do to what is seen inside of it; how that hides it now.

    ``buried`` says that its name alone hides it.
    """
    buried = buried or spans[_HIDDEN, 0] >= 0
    buried = buried or (
        spans[_ARIA_HIDDEN, 0] >= 0 and _reads(src, spans[_ARIA_HIDDEN, 0], spans[_ARIA_HIDDEN, 1], _TRUE)
    )
    hides = h.FOLDED if buried else h.SEEN
    if spans[_STYLE, 0] >= 0:
        h.read_style(src, spans[_STYLE, 0], spans[_STYLE, 1], room, style)
        hides = max(hides, h.hides(style))
        if h.visibility(style) != UNSET:
            state[_INVISIBLE] = h.visibility(style)
        if h.font(style) != UNSET:
            state[_TINY] = 1 if h.font(style) <= _SMALLEST else 0
        if h.colour(style) != UNSET:
            state[_COLOUR] = h.colour(style)
        ground = h.ground(style)
        if ground not in (UNSET, TRANSPARENT):
            state[_GROUND] = ground
    state[_BURIED] = max(state[_BURIED], hides)
    if state[_TINY] or h.is_unseen(state[_COLOUR], state[_GROUND]):
        return h.CONCEALED
    return int(max(state[_BURIED], h.FOLDED if state[_INVISIBLE] else h.SEEN))


_SMALLEST = 1000  # thousandths of a pixel: letters of one pixel are dots


@leaf
def _open_element(state: Longs, elements: Ints, spans: Longs, tag: int, hides: int) -> None:
    """Add a row to the table of elements; what is inside belongs to it."""
    e = state[_ELEMENTS]
    parent = state[_ELEMENT]
    elements[e, E_PARENT], elements[e, E_TAG] = parent, tag
    elements[e, E_HIDDEN] = hides
    elements[e, E_DEPTH] = elements[parent, E_DEPTH] + 1 if parent >= 0 else 0
    _name_element(elements, e, spans)
    state[_ELEMENT] = e
    state[_ELEMENTS] += 1


@leaf
def _name_element(elements: Ints, e: int, spans: Longs) -> None:
    for k in range(len(NAMING)):
        elements[e, E_NAMES + 2 * k], elements[e, E_NAMES + 2 * k + 1] = spans[NAMING[k], 0], spans[NAMING[k], 1]


@leaf
def _note(
    state: Longs, extras: Longs, kind: int, spans: Longs, first: int, second: int, third: int, fourth: int
) -> None:
    """Remember up to four attributes of an element that is no text; a column of -1 stands for none."""
    row = extras[state[_EXTRAS]]
    row[X_KIND], row[X_BLOCK] = kind, state[_BLOCKS] + (state[_CHARS] > state[_START])
    at = X_SPANS
    for column in (first, second, third, fourth):
        row[at] = spans[column, 0] if column >= 0 else -1
        row[at + 1] = spans[column, 1] if column >= 0 else -1
        at += 2
    row[at], row[at + 1] = -1, -1
    state[_EXTRAS] += 1


@leaf
def _note_time(state: Longs, extras: Longs, stack: Longs, spans: Longs) -> None:
    """Remember a ``<time datetime>`` with the names of it and its parent, and whether it is the article's own."""
    in_article = state[_ARTICLES] > 0 and state[_BESIDES] == 0
    _note(state, extras, X_TIME, spans, _DATETIME, _ITEMPROP, _CLASS, -1)
    row = extras[state[_EXTRAS] - 1]
    row[X_BLOCK] = 1 if in_article else 0
    if state[_DEPTH] > 0:
        parent = stack[state[_DEPTH] - 1]
        for k in range(4):
            row[X_SPANS + 6 + k] = parent[S_NAMES + k]
    state[_TIMES] += 1


@leaf
def _void(state: Longs, extras: Longs, spans: Longs, flags: int, chars: Codes, blocks: Ints) -> None:
    """An element without content, or one that is read for its attributes."""
    if flags & W_BREAK:
        state[_BREAKS] += 1
    elif flags & W_IMAGE:
        if spans[_DATA_SRC, 0] >= 0 or spans[_SRC, 0] >= 0:
            _note(state, extras, X_IMAGE, spans, _DATA_SRC, _SRC, _ALT, -1)
    elif flags & W_META:
        if spans[_CONTENT, 0] >= 0:
            _note(state, extras, X_META, spans, _PROPERTY, _NAME, _ITEMPROP, _CONTENT)
        elif spans[_REL, 0] >= 0:
            _note(state, extras, X_LINK, spans, _REL, _HREF, -1, -1)
    elif flags & W_BLOCK:
        _flush(state, chars, blocks)


@leaf
def _mark_up(state: Longs, flags: int, spans: Longs, links: Longs) -> None:
    """The link or the emphasis that a start tag begins."""
    if flags & W_LINK:
        if state[_LINK] < 0 and state[_LAST_LINK] >= 0:
            state[_PENDING] = 1  # two links without a blank are styled apart, whatever the source says
        links[state[_N_LINKS], 0], links[state[_N_LINKS], 1] = spans[_HREF, 0], spans[_HREF, 1]
        state[_LINK] = state[_N_LINKS]
        state[_N_LINKS] += 1
    elif flags & W_EMPHASIS:
        state[_EMPHASIS] |= 1
    elif flags & W_STRONG:
        state[_EMPHASIS] |= 2


@leaf
def _start(
    src: Bytes, state: Longs, flags: int, tag: int, spans: Longs, stack: Longs, elements: Ints, links: Longs,
    chars: Codes, blocks: Ints, style: Longs, room: Bytes,
) -> None:  # fmt: skip
    """A start tag of an element with content: what is in force inside of it."""
    d = state[_DEPTH]
    if d >= len(stack):  # deeper than the guard allows
        state[_DEEPER] += 1
        return
    stack[d, S_ELEMENT], stack[d, S_EMPHASIS], stack[d, S_LINK] = state[_ELEMENT], state[_EMPHASIS], state[_LINK]
    stack[d, S_NAMES], stack[d, S_NAMES + 1] = spans[_CLASS, 0], spans[_CLASS, 1]
    stack[d, S_NAMES + 2], stack[d, S_NAMES + 3] = spans[_ITEMPROP, 0], spans[_ITEMPROP, 1]
    for k in range(_SIGHT):
        stack[d, S_SIGHT + k] = state[_BURIED + k]
    if flags & (W_HTML | W_BODY):
        _name_element(elements, 0 if flags & W_HTML else 1, spans)
        hides = _look(src, state, spans, style, room, False)
        if flags & W_BODY:
            elements[1, E_HIDDEN] = hides
    elif flags & W_SKIP:
        state[_SKIP] += 1
    else:
        hides = _look(src, state, spans, style, room, flags & W_HIDDEN > 0)
        named = spans[_ITEMPROP, 0] >= 0 and _reads(src, spans[_ITEMPROP, 0], spans[_ITEMPROP, 1], _ARTICLE_BODY)
        around = elements[state[_ELEMENT], E_HIDDEN]
        # What is concealed amid a paragraph is left out, or it would part the words around it.
        inline = not (flags & (W_BLOCK | W_BUTTON) or named)
        state[_QUIET] = 1 if inline and hides == h.CONCEALED and around != h.CONCEALED else 0
        if not inline or (hides != around and not state[_QUIET]):
            _flush(state, chars, blocks)
            _open_element(state, elements, spans, tag, hides)
            flags |= _OPENED
        _mark_up(state, flags, spans, links)
    state[_ARTICLES] += 1 if flags & W_ARTICLE else 0
    state[_BESIDES] += 1 if flags & W_BESIDE else 0
    state[_PRES] += 1 if flags & W_PRE else 0
    stack[d, S_FLAGS] = flags
    state[_DEPTH] += 1


@leaf
def _end(state: Longs, stack: Longs, chars: Codes, blocks: Ints) -> None:
    """The end tag of the innermost open element."""
    if state[_DEEPER]:
        state[_DEEPER] -= 1
        return
    if state[_DEPTH] == 0:
        return
    state[_DEPTH] -= 1
    d = state[_DEPTH]
    flags = stack[d, S_FLAGS]
    if flags & W_SKIP:
        state[_SKIP] -= 1
    if flags & _OPENED:
        _flush(state, chars, blocks)
    state[_ELEMENT], state[_EMPHASIS], state[_LINK] = stack[d, S_ELEMENT], stack[d, S_EMPHASIS], stack[d, S_LINK]
    for k in range(_SIGHT):
        state[_BURIED + k] = stack[d, S_SIGHT + k]
    state[_ARTICLES] -= 1 if flags & W_ARTICLE else 0
    state[_BESIDES] -= 1 if flags & W_BESIDE else 0
    state[_PRES] -= 1 if flags & W_PRE else 0


@leaf
def _tag(
    src: Bytes, at: int, state: Longs, chars: Codes, blocks: Ints, elements: Ints, links: Longs, extras: Longs,
    stack: Longs, spans: Longs, style: Longs, room: Bytes,
) -> int:  # fmt: skip
    """Read the start tag at ``at`` and do as it says; the position after it, of a title after its end tag."""
    name_end, name = tag_name(src, at + 1)
    tag = position(WALK_KNOWN, name)
    flags = WALK_FLAGS[tag] if tag >= 0 else 0
    at = _read_attributes(src, name_end, spans)
    if flags & W_TITLE:
        return _title(src, at, state, extras, spans)
    if flags & W_HTML:
        _note(state, extras, X_HTML, spans, _LANG, -1, -1, -1)
    if flags & W_TIME and state[_TIMES] < MAX_TIMES and spans[_DATETIME, 0] >= 0:
        _note_time(state, extras, stack, spans)
    if not flags & (W_VOID | W_META):
        _start(src, state, flags, tag, spans, stack, elements, links, chars, blocks, style, room)
    elif not state[_SKIP]:
        _void(state, extras, spans, flags, chars, blocks)
    return at


@leaf
def _title(src: Bytes, at: int, state: Longs, extras: Longs, spans: Longs) -> int:
    """Note the title whose text begins at ``at``; the position after its end tag."""
    end = _after(src, at, LT) - 1
    if not state[_SKIP]:
        spans[0, 0], spans[0, 1] = at, end
        _note(state, extras, X_TITLE, spans, 0, -1, -1, -1)
    return _after(src, end, GT)


def walk(src: Bytes, depth: int) -> tuple[Codes, Ints, Ints, Ints, Longs, Longs, int]:
    """Characters, blocks, elements, runs, links and extras of the guarded page ``src``, nested ``depth`` at most.

    The last number is of the bytes of text that were left out, for they are concealed amid a paragraph.

    Characters are code points, each block's followed by a 0; the last row of the blocks and of the runs is where the
    next would begin. The first two elements are the root and the body.
    """
    tags, separators, lines = _count_marks(src)
    most = tags + separators + 4
    chars = np.empty(src.size + most + 4, dtype=np.uint32)
    blocks = np.empty((most, BLOCK_COLUMNS), dtype=np.int32)
    elements = np.empty((tags + 4, ELEMENT_COLUMNS), dtype=np.int32)
    runs = np.empty((3 * most + 2 * lines, RUN_COLUMNS), dtype=np.int32)  # in <pre> each line and its end is one
    links = np.empty((tags + 1, 2), dtype=np.int64)
    extras = np.empty((tags + 1, EXTRA_COLUMNS), dtype=np.int64)
    state = np.zeros(_STATES, dtype=np.int64)
    stack = np.zeros((depth + 8, _STACK), dtype=np.int64)
    spans = np.full((_ATTRIBUTES, 2), -1, dtype=np.int64)
    style = np.empty(h.PROPERTIES, dtype=np.int64)
    room = np.empty(h.STYLE_BYTES + 1, dtype=np.uint8)
    state[_COLOUR] = state[_GROUND] = UNKNOWN
    _walk(src, chars, blocks, elements, runs, links, extras, state, stack, spans, style, room)
    return (
        chars[: state[_CHARS]], blocks[: state[_BLOCKS] + 1], elements[: state[_ELEMENTS]],
        runs[: state[_RUNS] + 1], links[: state[_N_LINKS]], extras[: state[_EXTRAS]], int(state[_CONCEALED]),
    )  # fmt: skip


@leaf
def _count_marks(src: Bytes) -> tuple[int, int, int]:
    """At least how often a tag, a separator and a new line begins; a line may be written as a character reference."""
    tags = separators = lines = at = 0
    while at + BLOCK <= src.size:
        tags += int(ones(bytes_between(src, at, LT, 1)))
        lines += int(ones(bytes_between(src, at, _NEWLINE, 1) | bytes_between(src, at, _AMPERSAND, 1)))
        last = bytes_between(src, at, 0xA9, 1)
        if last and at >= 2:
            last &= bytes_between(src, at - 1, 0x80, 1) & bytes_between(src, at - 2, 0xE2, 1)
        separators += int(ones(last))
        at += BLOCK
    for i in range(at, src.size):
        tags += src[i] == LT
        lines += src[i] in (_NEWLINE, _AMPERSAND)
        separators += src[i] == 0xA9
    return tags, separators, lines


@leaf
def _walk(
    src: Bytes, chars: Codes, blocks: Ints, elements: Ints, runs: Ints, links: Longs, extras: Longs, state: Longs,
    stack: Longs, spans: Longs, style: Longs, room: Bytes,
) -> None:  # fmt: skip
    """``walk`` into the arrays that it is given."""
    state[_LINK] = state[_LAST_LINK] = state[_ELEMENT] = -1
    _open_element(state, elements, spans, _HTML_TAG, h.SEEN)
    _open_element(state, elements, spans, _BODY_TAG, h.SEEN)
    at = 0
    while at < src.size:
        if src[at] != LT:
            end = at + 1
            while end < src.size and src[end] != LT:
                end += 1
            if state[_QUIET]:
                state[_CONCEALED] += end - at
            elif not state[_SKIP]:
                _text(src, at, end, state, chars, runs, blocks)
            at = end
        elif at + 1 < src.size and src[at + 1] == SLASH:
            _end(state, stack, chars, blocks)
            at = _after(src, at, GT)
        else:
            at = _tag(src, at, state, chars, blocks, elements, links, extras, stack, spans, style, room)
    _flush(state, chars, blocks)
    blocks[state[_BLOCKS], B_START] = state[_CHARS]
    blocks[state[_BLOCKS], B_RUN] = state[_RUNS]
    runs[state[_RUNS], R_START] = state[_CHARS]
