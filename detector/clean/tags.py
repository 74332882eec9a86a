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


def _tag_table() -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    names = sorted(frozenset().union(*(names for _, names in _FLAGS)), key=name_hash)
    flags = [sum(flag for flag, members in _FLAGS if name in members) for name in names]
    return np.array([name_hash(name) for name in names], dtype=np.uint64), np.array(flags, dtype=np.int64)


TAG_HASHES, TAG_FLAGS = _tag_table()
ATTRIBUTE_HASHES = np.array(sorted(name_hash(name) for name in ATTRIBUTES), dtype=np.uint64)
A_HASH = name_hash("a")
P_HASH = name_hash("p")
BR_HASH = name_hash("br")
