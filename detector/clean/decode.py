"""Bytes to text: byte order mark, declared encoding, UTF-8, Windows-1252, in this order.

The declaration in the page is found by beautifulsoup4's ``EncodingDetector``. Bytes are never guessed at by
frequency: chardet needs 99 s for 32 KB that are made for it.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from detector.records import Reason

_HEAD = 4096  # bytes in which a page must declare its encoding; the HTML standard says 1,024
# What the WHATWG encoding standard makes of these labels, by Python's names.
_SUPERSETS = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932",
}  # fmt: skip
# Bytes of these forms hold NULs in every ASCII character, so that a declaration *inside* the page cannot be true.
_NOT_ASCII_BASED = ("utf-16", "utf-32", "utf-7")
# Python's escapes, and the encodings of host names: no document is in them, idna fails in its own way and is slow.
_NO_DOCUMENTS = frozenset(["idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "mbcs", "oem"])


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text from bytes; ``notes`` says which encoding was read unless it was plain UTF-8."""

    text: str
    encoding: str
    notes: tuple[Reason, ...]


def decode(data: bytes) -> Decoded:
    """Text from ``data``; never fails, for Windows-1252 with replacement characters reads anything."""
    stripped, marked = _without_mark(data)
    candidates = [marked] if marked else [_unmarked_utf16(data), _declared(data), "utf-8"]
    for name in candidates:
        if name is None:
            continue
        try:
            text = stripped.decode(name)
        except UnicodeDecodeError:
            continue
        return Decoded(text, name, () if name == "utf-8" else (Reason("encoding", f"read as {name}"),))
    return _replaced(stripped, marked)


def _without_mark(data: bytes) -> tuple[bytes, str | None]:
    """``data`` without its byte order mark, and the encoding that the mark means."""
    from bs4.dammit import EncodingDetector  # noqa: PLC0415  # 90 ms, and most pages come as text

    stripped, marked = EncodingDetector.strip_byte_order_mark(data)  # type: ignore[no-untyped-call]  # bs4 has no types here
    return bytes(stripped), marked


def _declared(data: bytes) -> str | None:
    """The encoding that the page names in an XML declaration or a meta element, when Python knows it."""
    from bs4.dammit import EncodingDetector  # noqa: PLC0415  # as above

    name = EncodingDetector.find_declared_encoding(data[:_HEAD], is_html=True, search_entire_document=True)
    if not name:
        return None
    known = known_encoding(name)
    if known is None or known.startswith(_NOT_ASCII_BASED):
        return None
    return _SUPERSETS.get(known, known)


def known_encoding(name: str) -> str | None:
    """Python's name of a text encoding that documents are in; None for what is none, or is Python's own."""
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):  # the latter where the name holds a NUL
        return None
    return codec.name if codec._is_text_encoding and codec.name not in _NO_DOCUMENTS else None


def _unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 without its mark, when every other one of the first bytes is NUL, as in text of Latin letters."""
    head = data[:512]
    if len(head) < 8:
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > 0.8 * half and not even:
        return "utf-16-le"
    return "utf-16-be" if even > 0.8 * half and not odd else None


def _replaced(data: bytes, marked: str | None) -> Decoded:
    """Read with replacement characters: as UTF-8 where that spoils little, else as Windows-1252."""
    name = marked or "utf-8"
    text = data.decode(name, "replace")
    spoiled = text.count("\ufffd")
    if marked is None and spoiled > 0.002 * len(data):
        name, text = "cp1252", data.decode("cp1252", "replace")
        spoiled = text.count("\ufffd")
    notes = [] if name == "utf-8" else [Reason("encoding", f"read as {name}")]
    if spoiled:
        notes.append(Reason("replaced_characters", f"{spoiled} bytes could not be read as {name}"))
    return Decoded(text, name, tuple(notes))
