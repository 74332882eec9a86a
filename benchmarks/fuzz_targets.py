"""What is fuzzed: functions of bytes that raise when a promise is broken."""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from types import FunctionType

from detector import ArchiveError, Item, clean_html, clean_text, compare
from detector.archive.formats import find_sources, parse, read
from detector.clean.decode import decode
from detector.clean.guard import guard
from detector.dedup import sketch, tokenise
from detector.passages import side_by_side
from detector.quality import assess
from service.feed_reader import FeedError, read_feed


def _guard(data: bytes) -> None:
    guarded = guard(decode(data).text)
    guarded.markup.decode("utf-8")
    again = guard(guarded.markup.decode("utf-8"))
    assert again.complete, "what was guarded once is safe"


def _blocks(data: bytes) -> None:
    clean = clean_html(data)
    fragment = clean.html()
    assert "<script" not in fragment.lower()
    if clean.complete:
        _nothing_invented(clean.text, decode(data).text)


def _lines(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    clean = clean_text(text)
    _nothing_invented(clean.text, text)
    again = clean_text(clean.text)
    refused = not clean.complete or "binary" in again.notes  # NULs are taken out, and what is left is no text
    unsettled = "lines_unsettled" in clean.notes
    assert len(text.splitlines()) > 100 or not unsettled, "a text of up to 100 lines is judged to the end"
    assert again.text == clean.text or clean.title or refused or unsettled, "cleaning again changes nothing"


def _nothing_invented(kept: str, given: str) -> None:
    """Letters and digits of what is kept stand in what was given, as often at the least."""
    if "&" in given:
        return  # entities are letters that stand nowhere
    surplus = Counter(filter(str.isalnum, kept)) - Counter(filter(str.isalnum, given))
    assert not surplus, f"invented: {surplus}"


def _normaliser(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    tokens = tokenise(text)
    assert all(0 <= start < end <= len(text) for start, end in zip(tokens.starts, tokens.ends, strict=True))
    if len(tokens):
        assert sketch(tokens).signature.shape == (128,)


def _aligner(data: bytes) -> None:
    one, _, other = data.decode("utf-8", "replace").partition("\x00")
    later, earlier = Item("later", one, media_type="text/plain"), Item("earlier", other, media_type="text/plain")
    match = compare(later, earlier)
    if match is None:
        return
    assert 0 <= match.jaccard <= 1
    assert 0 <= match.containment <= 1
    here, there = clean_text(one).text, clean_text(other).text
    passages = side_by_side(here, there, match.spans)
    assert "".join(here[p.start : p.end] for p in passages) == here, "the passages tile the later text"
    assert sum(p.other_end - p.other_start for p in passages) == len(there)


def _quality(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    quality = assess(text)
    assert all(text[s.start : s.end] == s.text and 0 <= s.filler <= 1 for s in quality.sentences)
    assert 0 <= quality.score <= 1


def _archive(data: bytes) -> None:
    """As a file without an ending, so that its content alone says what it is; bad rows are rows with a reason."""
    with tempfile.NamedTemporaryFile(prefix="fuzz-") as file:
        file.write(data)
        file.flush()
        try:
            for raw in read(find_sources([file.name])):
                parse(raw)
        except ArchiveError:
            return


def _warc(data: bytes) -> None:
    """As what stands after the heads of a WARC file that is right so far: two lengths in a thousand are not."""
    head, _, block = data.partition(b"\r\n\r\n")
    length = len(block) + (head.count(b"x") % 3 - 1 if len(head) % 500 == 1 else 0)
    record = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: %d\r\n%s\r\n\r\n%s\r\n\r\n" % (length, head, block)
    _archive(record + record)


def _wordpress(data: bytes) -> None:
    """As what stands in an item of a WordPress export."""
    start = (
        b'<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel><wp:wxr_version>1.2</wp:wxr_version>'
    )
    _archive(b'<?xml version="1.0"?>' + start + b"<item>" + data + b"</item></channel></rss>")


def _feed(data: bytes) -> None:
    try:
        read_feed(data)
    except FeedError:
        return


TARGETS: dict[str, Callable[[bytes], None]] = {
    "guard": _guard,
    "blocks": _blocks,
    "lines": _lines,
    "normaliser": _normaliser,
    "aligner": _aligner,
    "quality": _quality,
    "archive": _archive,
    "warc": _warc,
    "wordpress": _wordpress,
    "feed": _feed,
}


MOST_SECONDS = 10.0  # of this process's own time, for 20,000 bytes and Python that is watched and bounds-checked


def _seconds(run: Callable[[bytes], None], data: bytes) -> float:
    started = time.process_time()
    run(data)
    return time.process_time() - started


def in_time(run: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """``run``, which must end within ``MOST_SECONDS``: libFuzzer's clock goes on while a process waits its turn."""

    def timed(data: bytes) -> None:
        if _seconds(run, data) >= MOST_SECONDS:  # it may have compiled what no input before it had needed
            assert _seconds(run, data) < MOST_SECONDS, "too slow"

    return timed


def plain_functions(package: str) -> Iterator[FunctionType]:
    """The functions of ``package`` that Python itself runs; compiled ones cannot be watched."""
    for name, module in sorted(sys.modules.items()):
        if name.startswith(package):
            for function in vars(module).values():
                if isinstance(function, FunctionType) and function.__module__ == name:
                    yield function
