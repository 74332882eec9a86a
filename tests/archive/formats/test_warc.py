"""WARC files as warcio writes them; cut, damaged and packed in each way."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from detector.archive.formats import Row, find_sources, parse, read
from detector.archive.write import distribute

PAGE = "<html><head><title>{0}</title></head><body><p>Story {0} of the harbour: café.</p></body></html>"


def crawl(gzipped: bool = False) -> bytes:
    """Two pages (one gzipped in chunks by its server), a redirect, an error, a picture and a request between them."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=gzipped)
    info = writer.create_warcinfo_record("crawl.warc", {"software": "a crawler"})
    writer.write_record(info)
    info.raw_stream.close()
    body = gzip.compress(PAGE.format("two").encode())
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    html = [("Content-Type", "text/html; charset=utf-8")]
    for url, status, headers, payload in [
        ("https://h.example/one", "200 OK", html, PAGE.format("one").encode()),
        ("https://h.example/old", "301 Moved", html, b"<html>moved</html>"),
        ("https://h.example/none", "404 Not Found", html, b"<html>not here</html>"),
        ("https://h.example/p.png", "200 OK", [("Content-Type", "image/png")], b"\x89PNG\r\n\r\nWARC/1.0\r\n"),
        ("https://h.example/two", "200 OK",
         [*html, ("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")], chunked),
    ]:  # fmt: skip
        record = writer.create_warc_record(
            url, "response", io.BytesIO(payload), http_headers=StatusAndHeaders(status, headers, protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": "2026-03-02T10:00:00Z"},
        )  # fmt: skip
        asked = StatusAndHeaders("GET / HTTP/1.1", [("Host", "h.example")], is_http_request=True)
        request = writer.create_warc_record(url, "request", http_headers=asked)
        writer.write_request_response_pair(request, record)
        record.raw_stream.close()  # the writer leaves its temporary files open
        request.raw_stream.close()
    return out.getvalue()


def written(writer: WARCWriter, url: str, payload: bytes, headers: list[tuple[str, str]]) -> None:
    http = StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1")
    record = writer.create_warc_record(url, "response", io.BytesIO(payload), http_headers=http)
    writer.write_record(record)
    record.raw_stream.close()  # the writer leaves its temporary file open


def by_frame(plain: bytes, dictionary: bytes = b"") -> bytes:
    """As .warc.zst are written: a frame a record, after the dictionary that all of them need."""
    given = {"dict_data": zstandard.ZstdCompressionDict(dictionary)} if dictionary else {}
    head = b"\x5d\x2a\x4d\x18" + len(dictionary).to_bytes(4, "little") + dictionary if dictionary else b""
    packer = zstandard.ZstdCompressor(**given)
    iterator = ArchiveIterator(io.BytesIO(plain))
    bounds = []
    for _ in iterator:
        start = iterator.get_record_offset()
        iterator.read_to_end()
        bounds.append((start, start + iterator.get_record_length()))
    return head + b"".join(packer.compress(plain[start:end]) for start, end in bounds)


def packings() -> dict[str, bytes]:
    plain = crawl()
    return {
        "plain": plain,
        "gzip by record": crawl(gzipped=True),
        "gzip as a whole": gzip.compress(plain),
        "zstd by record": by_frame(plain),
        "zstd with a dictionary": by_frame(plain, plain[:2000]),
        "zstd as a whole": zstandard.ZstdCompressor().compress(plain),
    }


@pytest.mark.parametrize("packing", packings())
def test_pages_are_items_and_every_other_record_stays(packing: str, tmp_path: Path, reads: Any, writes: Any) -> None:
    file = tmp_path / ("crawl.warc.zst" if "zstd" in packing else "crawl.warc")
    file.write_bytes(packings()[packing])
    (one, two), bad = reads(file)
    assert not bad
    assert one.id.startswith("<urn:uuid:")
    assert (one.url, one.published) == ("https://h.example/one", datetime(2026, 3, 2, 10, tzinfo=UTC))
    assert [item.body for item in (one, two)] == [PAGE.format("one").encode(), PAGE.format("two").encode()]
    out = writes(file, remove={one.id})
    kept, bad = reads(out / "kept" / file.name)
    assert [item.url for item in kept] == ["https://h.example/two"]
    assert not bad
    assert [item.url for item in reads(out / "removed" / file.name)[0]] == ["https://h.example/one"]


@pytest.mark.parametrize("gzipped", [False, True])
def test_records_are_written_byte_for_byte(gzipped: bool, tmp_path: Path, writes: Any, reads: Any) -> None:
    file = tmp_path / "crawl.warc.gz"
    whole = crawl(gzipped)
    file.write_bytes(whole)
    out = writes(file, remove={reads(file)[0][0].id})
    kept, removed = ((out / name / file.name).read_bytes() for name in ("kept", "removed"))
    info = len(kept) + len(removed) - len(whole)  # the crawl's own record stands in both
    assert removed[:info] == kept[:info] == whole[:info]
    at = whole.index(removed[info:])
    assert kept == whole[:at] + whole[at + len(removed) - info :]
    with (out / "kept" / file.name).open("rb") as stream:
        assert sum(record.rec_type == "response" for record in ArchiveIterator(stream)) == 4


@pytest.mark.parametrize("packing", ["plain", "gzip by record", "zstd by record"])
def test_a_file_cut_anywhere_gives_its_whole_records_and_says_where_it_ends(packing: str, tmp_path: Path) -> None:
    whole = packings()[packing]
    file = tmp_path / "cut.warc.zst"
    found = set()
    for cut in range(100, len(whole), 97):
        file.write_bytes(whole[:cut])
        rows = [parse(raw) for raw in read(find_sources([file]))]
        items = sum(isinstance(row, Row) for row in rows)
        found.add(items)
        assert items <= 2
        assert len(rows) - items <= 1
        assert [row.error for row in rows if not isinstance(row, Row) and "end" not in row.error] == []
    assert found in ({0, 1}, {0, 1, 2})


def test_a_page_that_is_damaged_inside_is_set_aside_alone(tmp_path: Path, reads: Any) -> None:
    file = tmp_path / "bad.warc"
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=False)
    html = [("Content-Type", "text/html")]
    written(writer, "https://h.example/bad", b"\x1f\x8b\x08\0 no gzip at all", [*html, ("Content-Encoding", "gzip")])
    written(writer, "https://h.example/empty", b"", html)
    written(writer, "https://h.example/ok", b"<p>x", html)
    file.write_bytes(out.getvalue())
    items, bad = reads(file)
    assert items[-1].url == "https://h.example/ok"
    assert len(items) + len(bad) == 3
    assert "no body" in bad[-1].error


def test_a_record_of_a_bomb_is_refused_and_memory_is_bounded(tmp_path: Path, reads: Any) -> None:
    file = tmp_path / "bomb.warc"
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=False)
    bomb = gzip.compress(b"<p>" + b"\0" * (64 << 20))
    headers = [("Content-Type", "text/html"), ("Content-Encoding", "gzip")]
    written(writer, "https://h.example/bomb", bomb, headers)
    written(writer, "https://h.example/ok", b"<p>x", headers[:1])
    file.write_bytes(out.getvalue())
    items, bad = reads(file)
    assert [item.url for item in items] == ["https://h.example/ok"]
    assert "longer than the 16777216 bytes" in bad[0].error


def test_an_overlong_record_is_set_aside_and_the_next_one_read(tmp_path: Path, reads: Any, writes: Any) -> None:
    for gzipped in (False, True):
        file = tmp_path / f"long-{gzipped}.warc"
        out = io.BytesIO()
        writer = WARCWriter(out, gzip=gzipped)
        for url, payload in [("long", bytes(range(256)) * (80 << 10)), ("ok", b"<p>x")]:
            written(writer, f"https://h.example/{url}", payload, [("Content-Type", "text/html")])
        file.write_bytes(out.getvalue())
        items, bad = reads(file)
        assert [item.url for item in items] == ["https://h.example/ok"]
        assert "longer than" in bad[0].error
    out_folder = writes(tmp_path / "long-False.warc", remove=set())
    parts = [(out_folder / name / "long-False.warc").read_bytes() for name in ("quarantined", "kept")]
    assert b"".join(parts) == (tmp_path / "long-False.warc").read_bytes()


def test_a_record_that_makes_warcio_fail_is_set_aside(tmp_path: Path, reads: Any) -> None:
    file = tmp_path / "nameless.warc"
    file.write_bytes(crawl().replace(b"WARC-Target-URI: https://h.example/one\r\n", b""))
    items, bad = reads(file)
    assert [item.url for item in items] == ["https://h.example/two"]
    assert "the record cannot be read" in bad[0].error


def test_without_removals_a_crawl_comes_out_byte_for_byte(tmp_path: Path) -> None:
    file = tmp_path / "crawl.warc"
    file.write_bytes(crawl())
    distribute(find_sources([file]), lambda _raw: "kept", tmp_path / "out")
    assert (tmp_path / "out" / "kept" / "crawl.warc").read_bytes() == file.read_bytes()
