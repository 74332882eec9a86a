"""Bounds what any parser gets to see: size, tags, depth, attributes, comments. Linear, and it says what it did.

A parser's worst cases are cheap to write: lxml silently loses text below some 256 open elements *and the text after
them*, and needs a minute for one tag with 50,000 attributes. The scan in ``scan.py`` rewrites a page so that none of
it arises. Structure may be lost, which is noted; text is lost only where ``Guarded.complete`` is False.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detector.clean import tokens as states
from detector.clean.plain import without_surrogates
from detector.clean.scan import scan
from detector.records import Reason


@dataclass(frozen=True, slots=True)
class Limits:
    """The most of each that is handed on to the parser."""

    read_bytes: int = 16 << 20  # of the page as it came in; scripts and styles count here
    markup_bytes: int = 2 << 20  # of what is left once scripts, styles and unread attributes are out
    tags: int = 60_000
    depth: int = 200
    attributes: int = 256  # in one tag
    attribute_bytes: int = 64 << 10  # in one tag
    value_bytes: int = 4096  # of one attribute; a longer one is a data: URI, and dropped


@dataclass(frozen=True, slots=True)
class Guarded:
    """A page that is safe to parse."""

    markup: bytes  # UTF-8, well nested, without scripts, styles, comments and attributes that nothing reads
    ldjson: tuple[str, ...]  # bodies of application/ld+json scripts
    notes: tuple[Reason, ...]
    complete: bool  # False when text may have been lost


def _encode(text: str) -> tuple[bytes, tuple[Reason, ...]]:
    """``text`` in UTF-8, without lone surrogates and NUL characters."""
    notes: tuple[Reason, ...] = ()
    try:
        source = text.encode()
    except UnicodeEncodeError:
        text, notes = without_surrogates(text)
        source = text.encode()
    if 0 in source:
        nuls = source.count(0)
        source = source.replace(b"\0", b"")
        notes = (*notes, Reason("nul_characters", f"{nuls} NUL characters were removed"))
    return source, notes


def guard(text: str, limits: Limits | None = None) -> Guarded:
    """A page as text in, the same page made safe to parse out."""
    limits = limits or Limits()
    source, notes = _encode(text)
    over = len(source) > limits.read_bytes
    if over:
        source = _whole_characters(source[: limits.read_bytes])
    table = np.array([limits.markup_bytes, limits.tags, limits.attributes, limits.attribute_bytes,
                      limits.value_bytes, limits.depth], dtype=np.int64)  # fmt: skip
    out, state, spans = scan(np.frombuffer(source, dtype=np.uint8), table)
    cut = out.size >= limits.markup_bytes
    markup = _whole_characters(out.tobytes()) if cut else out.tobytes()
    notes, complete = _notes(notes, state, len(source), over, limits)
    ldjson = tuple(source[start:end].decode() for start, end in spans.tolist())
    return Guarded(markup, ldjson, notes, complete)


def _whole_characters(cut: bytes) -> bytes:
    """``cut`` without the part of a UTF-8 character that a cut may have left at its end."""
    return cut.decode("utf-8", "ignore").encode()


def _notes(
    notes: tuple[Reason, ...], state: states.Longs, size: int, over: bool, limits: Limits
) -> tuple[tuple[Reason, ...], bool]:
    cut = over or int(state[states.IN]) < size
    size_limits = f"{limits.read_bytes >> 20} MiB, or than {limits.markup_bytes >> 20} MiB without scripts"
    found = [
        (cut, "page_cut", f"the page is larger than {size_limits}; the rest was not read"),
        (states.N_SCRIPT, "unclosed_script", "a script or style never ends; what follows cannot be told from it"),
        (states.N_FLATTENED, "depth_flattened", f"{{}} elements deeper than {limits.depth} were flattened"),
        (states.N_TAG_CUT, "tags_flattened", f"{{}} tags after the first {limits.tags} were flattened"),
        (states.N_ATTRIBUTES, "attributes_cut", f"{{}} attributes were beyond {limits.attributes} in one tag"),
        (states.N_COMMENT, "unclosed_comment", "{} comments never end; they were read on as text"),
        (states.N_QUOTE, "unclosed_quote", "{} attribute values never end"),
        (states.N_RAW, "unclosed_element", "{} elements of raw text never end; they were read on as text"),
        (states.N_DTD, "dtd_ignored", "an internal document type definition was left out"),
    ]
    said = []
    for counter, code, detail in found:
        count = counter if isinstance(counter, bool) else int(state[counter])
        if count:
            said.append(Reason(code, detail.format(count)))
    return (*notes, *said), not (cut or state[states.N_SCRIPT])
