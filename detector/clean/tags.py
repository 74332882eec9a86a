"""What the cleaner knows about HTML's element and attribute names, as sets and as tables for compiled code.

After the WHATWG HTML standard, sections 13.1.2 (void, raw text, escapable raw text) and 13.2 (implied end tags).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

VOID = frozenset(
    [
        "area",
        "base",
        "basefont",
        "bgsound",
        "br",
        "col",
        "embed",
        "frame",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)
BLOCK = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "head",
        "legend",
        "li",
        "listing",
        "main",
        "menu",
        "nav",
        "ol",
        "optgroup",
        "option",
        "p",
        "pre",
        "search",
        "section",
        "select",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "title",
        "tr",
        "ul",
    ]
)
# Their content is no text of the page; nothing in it is markup either, up to the matching end tag.
RAW = frozenset(["iframe", "noembed", "noframes", "script", "style", "svg", "xmp"])
ESCAPABLE_RAW = frozenset(["textarea", "title"])
# Never text that a reader of the page sees.
SKIPPED = frozenset(
    [
        "applet", "audio", "canvas", "datalist", "math", "object", "script", "select", "style", "template",
        "textarea", "video",
    ]
)  # fmt: skip
# A second one of the same name ends the first (simplified: only when the first is the innermost open element).
SELF_ENDING = frozenset(
    ["dd", "dt", "li", "optgroup", "option", "p", "rp", "rt", "tbody", "td", "tfoot", "th", "thead", "tr"]
)
CELL = frozenset(["table", "td", "th", "caption"])  # an end tag inside a cell closes nothing outside of it
ONCE = frozenset(["body", "head", "html"])
IGNORED = frozenset(["frameset", "plaintext"])

F_VOID, F_BLOCK, F_RAW, F_ESCAPABLE, F_SELF_ENDING, F_CELL, F_ONCE, F_IGNORED, F_SCRIPT = (1 << bit for bit in range(9))

# The only attributes that a later stage reads; the rest (half of a modern page's markup) never reaches the parser.
ATTRIBUTES = (
    "alt", "aria-hidden", "charset", "class", "colspan", "content", "data-src", "datetime", "hidden", "href", "id",
    "itemprop", "itemtype", "lang", "name", "property", "rel", "role", "rowspan", "src", "style", "type",
)  # fmt: skip

_FLAGS = (
    (F_VOID, VOID),
    (F_BLOCK, BLOCK),
    (F_RAW, RAW),
    (F_ESCAPABLE, ESCAPABLE_RAW),
    (F_SELF_ENDING, SELF_ENDING),
    (F_CELL, CELL),
    (F_ONCE, ONCE),
    (F_IGNORED, IGNORED),
    (F_SCRIPT, frozenset(["script", "style"])),
)


def name_hash(name: str) -> int:
    """A 64-bit polynomial hash of a lower-case ASCII name, the same that the compiled scanner computes."""
    value = 0
    for byte in name.encode():
        value = (value * 131 + byte) & 0xFFFFFFFFFFFFFFFF
    return value


def name_table(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A hash table for ``tokens.position``: each name's hash and its place in ``hashes``, in a quarter of the rows."""
    slots = 1 << (4 * hashes.size - 1).bit_length()
    table = np.zeros((slots, 2), dtype=np.uint64)
    for place, value in enumerate(hashes.tolist()):
        slot = name_slot(value, slots)
        while table[slot, 0]:
            slot = (slot + 1) % slots
        table[slot] = value, place
    return table


def name_slot(value: int, slots: int) -> int:
    """The row of a table at which the search for a name's hash begins."""
    return ((value * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF) >> 32) % slots


def _tag_table() -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    names = sorted(frozenset().union(*(names for _, names in _FLAGS)), key=name_hash)
    flags = [sum(flag for flag, members in _FLAGS if name in members) for name in names]
    return np.array([name_hash(name) for name in names], dtype=np.uint64), np.array(flags, dtype=np.int64)


_TAG_HASHES, TAG_FLAGS = _tag_table()
TAGS_KNOWN = name_table(_TAG_HASHES)
ATTRIBUTES_KNOWN = name_table(np.array([name_hash(name) for name in ATTRIBUTES], dtype=np.uint64))

# What the walk over a guarded page does with an element, as bits; an element of no list is inline markup.
(W_BLOCK, W_SKIP, W_BREAK, W_IMAGE, W_LINK, W_EMPHASIS, W_STRONG, W_META, W_TITLE, W_TIME, W_BODY, W_HIDDEN,
 W_BUTTON, W_ARTICLE, W_BESIDE, W_VOID, W_PRE, W_HTML) = (1 << bit for bit in range(18))  # fmt: skip
_WALKED = (
    (W_BLOCK, BLOCK - {"head", "html", "body", "title", "select"}),
    (W_SKIP, SKIPPED),
    (W_BREAK, frozenset(["br"])),
    (W_IMAGE, frozenset(["img"])),
    (W_LINK, frozenset(["a"])),
    (W_EMPHASIS, frozenset(["em", "i", "cite"])),
    (W_STRONG, frozenset(["strong", "b"])),
    (W_META, frozenset(["meta", "link", "base"])),
    (W_TITLE, frozenset(["title"])),
    (W_TIME, frozenset(["time"])),
    (W_BODY, frozenset(["body"])),
    (W_HIDDEN, frozenset(["noscript"])),
    (W_BUTTON, frozenset(["button"])),
    (W_ARTICLE, frozenset(["article", "main"])),
    (W_BESIDE, frozenset(["aside", "footer", "nav", "li", "ul", "ol"])),
    (W_VOID, VOID),
    (W_PRE, frozenset(["pre", "listing"])),
    (W_HTML, frozenset(["html"])),
)
WALK_NAMES = tuple(sorted(frozenset().union(*(names for _, names in _WALKED)), key=name_hash))
WALK_KNOWN = name_table(np.array([name_hash(name) for name in WALK_NAMES], dtype=np.uint64))
WALK_FLAGS = np.array([sum(flag for flag, names in _WALKED if name in names) for name in WALK_NAMES], dtype=np.int64)
A_HASH = name_hash("a")
P_HASH = name_hash("p")
BR_HASH = name_hash("br")
