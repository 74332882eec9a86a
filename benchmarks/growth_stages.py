"""The stages whose growth benchmarks/growth.py measures: each makes of a string the work that is timed."""

from __future__ import annotations

from collections.abc import Callable

from detector import Detector, Item, MemoryIndex, clean_html, clean_text, decide
from detector.clean.blocks import read_blocks
from detector.clean.decode import decode
from detector.clean.guard import guard
from detector.dedup import Entry, matches, sketch, tokenise
from detector.pipeline import examine, examine_text, read_text
from detector.policy import Policy
from detector.quality import assess

Work = Callable[[], object]


def _entry(name: str, text: str) -> Entry | None:
    tokens = tokenise(text)
    return Entry(name, text, sketch(tokens), kept=True) if len(tokens) else None


def _edited(text: str) -> str:
    """``text`` with another number and name every hundred words, so that there is much to align."""
    words = text.split(" ")
    words[25::100] = ["47"] * len(words[25::100])  # not the first, by which a page is told from a text
    words[75::100] = ["Ellory"] * len(words[75::100])
    return " ".join(words)


def _guard(text: str) -> Work:
    return lambda: guard(text)


def _decode(text: str) -> Work:
    data = text.encode()
    return lambda: decode(data)


def _blocks(text: str) -> Work:
    markup = guard(text).markup
    return lambda: read_blocks(markup)


def _lines(text: str) -> Work:
    return lambda: clean_text(text)


def _page(text: str) -> Work:
    return lambda: clean_html(text)


def _fragment(text: str) -> Work:
    clean = clean_html(text)
    return clean.html


def _normalise(text: str) -> Work:
    return lambda: tokenise(text)


def _sketch(text: str) -> Work:
    tokens = tokenise(text)
    return (lambda: sketch(tokens)) if len(tokens) else (lambda: None)


def _candidates(text: str) -> Work:
    """Look-ups of one text among a hundred that share its buckets.

    All of those lie compressed, as all but the last do in a large index: kept at hand up to some length alone, they
    would make a step of forty times there, which is no growth.
    """
    index = MemoryIndex(warm=0)
    for number in range(100):
        entry = _entry(str(number), text)
        if entry is not None:
            index.add(entry)
    asked = _entry("asked", text)
    return (lambda: index.candidates(asked.sketch, limit=64)) if asked is not None else (lambda: None)


def _align(text: str) -> Work:
    later, earlier = _entry("later", _edited(text)), _entry("earlier", text)
    return (lambda: matches(later, [earlier], related=True)) if later and earlier else (lambda: None)


def _quality(text: str) -> Work:
    return lambda: assess(text)


def _verdict(text: str) -> Work:
    """What is decided of an examined item with a match."""
    examined = examine(Item("later", text))
    earlier = _entry("earlier", examined.text.text)
    later = _entry("later", examined.text.text)
    found = matches(later, [earlier]) if later and earlier else ()
    return lambda: decide(examined, found, Policy())


def _examine(text: str) -> Work:
    item = Item("item", text)
    return lambda: examine(item)


def _examine_as_text(text: str) -> Work:
    item = Item("item", text, media_type="text/plain")
    clean = read_text(item)
    return lambda: examine_text(item, clean)


def _judge(text: str) -> Work:
    """The whole way of an item whose copy is known already."""
    detector = Detector()
    detector.admit(Item("earlier", text))
    item = Item("later", _edited(text))
    return lambda: detector.check(item)


STAGES: dict[str, Callable[[str], Work]] = {
    "decode": _decode,
    "guard": _guard,
    "blocks": _blocks,
    "page": _page,
    "fragment": _fragment,
    "lines": _lines,
    "normalise": _normalise,
    "sketch": _sketch,
    "candidates": _candidates,
    "align": _align,
    "quality": _quality,
    "verdict": _verdict,
    "examine": _examine,
    "examine_text": _examine_as_text,
    "judge": _judge,
}

# The size of what a stage is given, where that is not the text itself but what the cleaner kept of it: bounds on what
# the cleaner judges make that grow by leaps.
SIZES: dict[str, Callable[[str], int]] = {
    "fragment": lambda text: max(1, clean_html(text).html().count("<")),
    "examine_text": lambda text: max(1, len(read_text(Item("item", text, media_type="text/plain")).text)),
}
