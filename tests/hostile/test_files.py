"""Feeds, exports and packed files made to hurt: rows or reasons, in time; nothing is fetched."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from detector import ArchiveError
from detector.archive.formats import Quarantined, find_sources, parse, read
from fixtures import attacks
from fixtures.attacks.pages import AFTER, INSIDE
from service.feed_reader import FeedError, read_feed
from tests.pace import within

SECONDS = 2.0
# 2.5 to 7 s of this process's own time, most of it the format's library: many rows rather than one that is slow.
MANY_ROWS = {
    "csv_field_never_closed_of_100k_lines.csv",
    "warc_of_50k_tiny_records.warc",
    "zip_of_20k_members.zip",
    "gzip_of_100k_empty_members.warc.gz",
}
SECRET = "harbour-master-4711"  # noqa: S105  # a word to look for


@pytest.fixture(scope="module")
def bait(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[attacks.Bait, list[str]]]:
    """A file and a server that nobody may read; and who did."""
    secret = tmp_path_factory.mktemp("bait") / "secret.txt"
    secret.write_text(SECRET)
    calls: list[str] = []
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        threading.Thread(target=_listen, args=(listening, calls), daemon=True).start()
        yield attacks.Bait(secret.as_uri(), f"http://127.0.0.1:{listening.getsockname()[1]}/"), calls


def _listen(listening: socket.socket, calls: list[str]) -> None:
    while True:
        try:
            connection, peer = listening.accept()
        except OSError:
            return  # the test is over
        calls.append(str(peer))
        connection.close()


def _rows(path: Path) -> list[str]:
    """What is read of a file: each row's text, or why it has none."""
    try:
        found = [parse(raw) for raw in read(find_sources([path]))]
    except ArchiveError as error:
        return [str(error)]
    return [row.error if isinstance(row, Quarantined) else str(row.item.body) for row in found]


# The archive reads RSS and Atom in one way; the service's reader is given the Atom of each.
@pytest.mark.parametrize("name", [name for name in attacks.XML if not name.startswith("atom")])
def test_xml_is_read_in_time_and_fetches_nothing(
    name: str, bait: tuple[attacks.Bait, list[str]], tmp_path: Path
) -> None:
    lure, calls = bait
    data = attacks.XML[name](1, lure)
    (tmp_path / "feed.xml").write_bytes(data)
    started = time.process_time()
    said = _rows(tmp_path / "feed.xml")
    assert within(time.process_time() - started, SECONDS)
    assert SECRET not in "".join(said)
    assert "lol" * 10 not in "".join(said)
    assert not calls


@pytest.mark.parametrize("name", [name for name in attacks.XML if name.startswith("atom")])
def test_the_services_reader_refuses_or_reads_a_feed_in_time(name: str, bait: tuple[attacks.Bait, list[str]]) -> None:
    lure, calls = bait
    data = attacks.XML[name](1, lure)
    started = time.process_time()
    try:
        said = "".join(str(item.body) for item in read_feed(data).items)
    except FeedError as error:
        said = str(error)
    assert within(time.process_time() - started, 2 * SECONDS)  # feedparser takes 20 µs a tag, of 100,000
    assert SECRET not in said
    assert not calls


@pytest.mark.parametrize("name", attacks.BOMBS)
def test_a_packed_file_is_read_in_time_or_refused_by_name(name: str, tmp_path: Path) -> None:
    path = tmp_path / name.replace("/", "_")
    path.write_bytes(attacks.BOMBS[name](1))
    started = time.process_time()
    said = _rows(path)
    assert within(time.process_time() - started, 5 * SECONDS if name in MANY_ROWS else SECONDS)
    assert all(said)


def test_no_member_of_a_zip_is_written_anywhere(tmp_path: Path) -> None:
    path = tmp_path / "in" / "a.zip"
    path.parent.mkdir()
    path.write_bytes(attacks.BOMBS["zip_that_leads_out.zip"](1))
    assert all("leads out" in reason for reason in _rows(path))
    assert [file.name for file in tmp_path.rglob("*")] == ["in", "a.zip"]


_FEED = attacks.XML["rss_stylesheet"](1, attacks.Bait())
_WXR = attacks.XML["wxr_stylesheet"](1, attacks.Bait())
_WARC = attacks.BOMBS["warc_with_a_chunk_of_2_EB.warc"](1).replace(b"Transfer-Encoding: chunked\r\n", b"")
_LINE = json.dumps({"id": "1", "title": "Bridge", "body": f"<p>{INSIDE}</p>"}).encode() + b"\n"
SAMPLES = {
    "feed.xml": _FEED, "export.xml": _WXR, "a.warc": _WARC, "a.jsonl": _LINE,
    "a.jsonl.gz": gzip.compress(_LINE, mtime=0), "a.warc.gz": gzip.compress(_WARC, mtime=0),
    "a.csv": b'id,title,body\n1,Bridge,"' + INSIDE.encode() + b'"\n',
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_cut_at_any_byte_gives_what_is_whole_or_a_reason(name: str, tmp_path: Path) -> None:
    whole = _rows_of(SAMPLES[name], tmp_path / name)
    assert INSIDE in whole[0] or name.startswith("a.warc")
    for end in range(len(SAMPLES[name])):
        for row in _rows_of(SAMPLES[name][:end], tmp_path / name):
            words = row.split()
            assert words, f"cut after {end} bytes: a row without a text and without a reason"


def _rows_of(data: bytes, path: Path) -> list[str]:
    path.write_bytes(data)
    return _rows(path)


@pytest.mark.parametrize("end", range(0, len(_FEED), 7))
def test_the_services_reader_takes_a_cut_feed(end: int) -> None:
    try:
        items = read_feed(_FEED[:end]).items
    except FeedError:
        return
    # An entry that is cut before its text has its title for one.
    assert all(word in f"{item.title} {INSIDE} {AFTER}" for item in items for word in item.body.split())
