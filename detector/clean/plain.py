"""Plain text of whatever is given: decoded, cut, and without what no text holds."""

from __future__ import annotations

import re

from detector.clean.decode import decode
from detector.records import CleanText, Reason

MAX_CHARACTERS = 2 << 20  # of a text; the rest of a longer one is not read, and the text is said to be incomplete


_SURROGATES = re.compile("[\ud800-\udfff]")
_BINARY_SHARE = 0.02  # of control characters; text has none, random bytes have a tenth
_LEAST_BINARY = 4  # controls: a brief with one of them is text
# Escape stays out, for terminals' text has it, and so does what is left of dashes and quotation marks (U+2013, U+2014,
# U+2018, U+2019, U+201C, U+201D) whose upper byte was lost.
_CONTROL = bytes([*range(0x01, 0x09), 0x0B, *range(0x0E, 0x13), *range(0x15, 0x18), 0x1A, 0x1E, 0x1F, 0x7F])


def is_binary(text: str) -> bool:
    """Whether ``text`` is a decoded image or archive: of its first 4,096 characters one in 50 is a control."""
    head = text[:4096]
    read = head.encode(errors="replace")
    controls = len(read) - len(read.translate(None, _CONTROL))
    return controls > max(_BINARY_SHARE * len(head), _LEAST_BINARY - 1)


def without_surrogates(text: str) -> tuple[str, tuple[Reason, ...]]:
    """``text`` with lone surrogates, which no encoding can express, replaced by U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text, count = _SURROGATES.subn("\ufffd", text)
        return text, (Reason("replaced_characters", f"{count} lone surrogates were replaced"),)
    return text, ()


def text_as_it_is(text: str | bytes, title: str = "") -> CleanText:
    """A text that was cleaned before, as one paragraph: decoded and cut as ``clean_text`` does, and nothing else."""
    text, notes, complete = prepared(text)
    if is_binary(text):
        return CleanText(title, (), notes=(*notes, Reason("binary", "the body is no text")))
    return CleanText(title, (text,), notes=notes, complete=complete)


def prepared(text: str | bytes) -> tuple[str, tuple[Reason, ...], bool]:
    """A text that can be read on: decoded, without surrogates and NULs, cut; with notes, and whether it is whole."""
    decoded: tuple[Reason, ...] = ()
    if isinstance(text, bytes):
        read = decode(text)
        text, decoded = read.text, read.notes
    text, notes = without_surrogates(text)
    notes = decoded + notes
    nuls = text.count("\0")
    if nuls:
        text = text.replace("\0", "")
        notes += (Reason("nul_characters", f"{nuls} NUL characters were removed"),)
    if len(text) <= MAX_CHARACTERS:
        return text, notes, True
    cut = Reason("page_cut", f"the text is longer than {MAX_CHARACTERS} characters; the rest was not read")
    return text[:MAX_CHARACTERS], (*notes, cut), False
