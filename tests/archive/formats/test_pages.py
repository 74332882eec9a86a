"""Folders and zips of saved pages: ids are paths; links, ways out and bombs are refused."""

from __future__ import annotations

import json
import os
import stat
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

from detector.archive.formats import find_sources, fingerprint

PAGE = b"<!doctype html><title>A</title><p>The ferry stops on 3 May.</p>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    base = tmp_path / "saved"
    for name, data in {
        "2019/a.html": PAGE,
        "2019/b.HTM": "<html><meta charset=latin-1><p>Café</p>".encode("latin-1"),
        "2020/notes.txt": b"Plain words about < and >.",
        "2020/style.css": b"p {}",
        "2020/index": PAGE,
        "2020/LICENSE": b"Do as you like with these pages.",
    }.items():
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).write_bytes(data)
    return base


def test_the_pages_below_a_folder_are_items_by_their_path(folder: Path, reads: Any) -> None:
    items, bad = reads(folder)
    assert not bad
    assert [item.id for item in items] == ["2019/a.html", "2019/b.HTM", "2020/index", "2020/notes.txt"]
    assert [item.media_type for item in items] == ["text/html", "text/html", "text/html", "text/plain"]
    assert items[0].body == PAGE


def test_collections_in_a_folder_are_read_beside_its_pages(folder: Path, reads: Any, writes: Any) -> None:
    (folder / "2020" / "more.data").write_text(json.dumps({"id": "j", "body": "x"}) + "\n")
    assert [source.format for source in find_sources([folder])] == ["jsonl", "html"]
    assert {item.id for item in reads(folder)[0]} >= {"j", "2019/a.html"}
    out = writes(folder, remove={"2019/a.html", "j"})
    written = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    assert written == [
        "kept/saved/2019/b.HTM",
        "kept/saved/2020/index",
        "kept/saved/2020/notes.txt",
        "removed/saved/2019/a.html",
        "removed/saved/2020/more.data",
    ]
    assert (out / "removed/saved/2019/a.html").read_bytes() == PAGE


def test_links_are_not_followed_and_long_pages_not_read(folder: Path, tmp_path: Path, reads: Any, writes: Any) -> None:
    (tmp_path / "secret.html").write_text("<p>secret")
    (folder / "link.html").symlink_to(tmp_path / "secret.html")
    (folder / "loop").symlink_to(folder)
    (folder / "long.html").write_bytes(b"<p>" + b"x" * (17 << 20))
    items, bad = reads(folder)
    assert len(items) == 4
    assert {row.place: row.error for row in bad} == {
        "link.html": "it is a link; links are not followed",
        "loop": "it is a link; links are not followed",
        "long.html": "the page is longer than the 16777216 bytes that are read of one",
    }
    assert not list(writes(folder, remove=set()).rglob("link.html"))


def test_a_folder_is_known_again_until_a_page_in_it_changes(folder: Path) -> None:
    (source,) = find_sources([folder])
    before = fingerprint(source)
    os.utime(folder / "2019/a.html")
    assert fingerprint(source) == before
    (folder / "2019/a.html").write_bytes(PAGE + b" ")
    assert fingerprint(source) != before


def test_a_single_page_is_a_source(folder: Path, reads: Any, writes: Any) -> None:
    items, _ = reads(folder / "2019" / "a.html")
    assert [item.id for item in items] == ["a.html"]
    out = writes(folder / "2019" / "a.html", remove={"a.html"})
    assert (out / "removed" / "a.html").read_bytes() == PAGE


def zipped(path: Path, **extra: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.html", PAGE)
        archive.writestr("deep/", b"")
        archive.writestr("deep/b.html", PAGE + b"<p>B</p>")
        archive.writestr("p.png", b"\x89PNG")
        for name, data in extra.items():
            archive.writestr(name, data)
    return path


def test_a_zip_is_read_and_written_member_by_member(tmp_path: Path, reads: Any, writes: Any) -> None:
    file = zipped(tmp_path / "pages.bin")
    items, bad = reads(file)
    assert ([item.id for item in items], bad) == (["a.html", "deep/b.html"], [])
    out = writes(file, remove={"a.html"})
    with zipfile.ZipFile(out / "kept" / "pages.bin") as kept, zipfile.ZipFile(out / "removed" / "pages.bin") as removed:
        assert kept.namelist() == ["deep/", "deep/b.html", "p.png"]
        assert removed.namelist() == ["a.html"]
        assert removed.read("a.html") == PAGE
        with zipfile.ZipFile(file) as before:
            assert kept.getinfo("p.png").date_time == before.getinfo("p.png").date_time


def test_hostile_members_are_refused_one_by_one(tmp_path: Path, reads: Any, writes: Any) -> None:
    file = tmp_path / "bad.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("../out.html", "/etc/x.html", "..\\up.html", "C:/x.html", "a/../../b.html"):
            archive.writestr(name, PAGE)
        link = zipfile.ZipInfo("link.html")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("bomb.html", b"\0" * (300 << 20))
        archive.writestr("inner.zip", b"PK\5\6")
        archive.writestr("items.jsonl", b"{}")
        archive.writestr("good.html", PAGE)
    items, bad = reads(file)
    assert [item.id for item in items] == ["good.html"]
    reasons = {row.place: row.error for row in bad}
    assert sum("leads out" in reason for reason in reasons.values()) == 5
    assert "link" in reasons["link.html"]
    assert "200 times" in reasons["bomb.html"]
    assert "unpack the zip" in reasons["inner.zip"]
    assert "unpack the zip" in reasons["items.jsonl"]
    out = writes(file, remove=set())
    with zipfile.ZipFile(out / "kept" / "bad.zip") as kept:
        assert kept.namelist() == ["good.html"]
    assert not (tmp_path / "out.html").exists()


def test_a_member_that_lies_about_its_size_or_is_damaged_spoils_no_other(tmp_path: Path, reads: Any) -> None:
    file = zipped(tmp_path / "lies.zip", **{"big.html": b"<p>" + b"ab" * (20 << 20), "locked.html": PAGE})
    data = bytearray(file.read_bytes())
    # The directory says 5 bytes of the big one, and that the other is encrypted.
    for name, offset, value in ((b"big.html", 24, struct.pack("<I", 5)), (b"locked.html", 8, struct.pack("<H", 1))):
        entry = data.rindex(name) - 46
        data[entry + offset : entry + offset + len(value)] = value
    data[30 + len("a.html") + 5] ^= 0xFF  # of the first member's packed bytes
    file.write_bytes(data)
    items, bad = reads(file)
    assert [item.id for item in items] == ["deep/b.html"]
    assert [row.place for row in bad] == ["a.html", "big.html", "locked.html"]


def test_what_is_no_zip_is_said_to_be_none(tmp_path: Path, reads: Any) -> None:
    file = tmp_path / "cut.zip"
    file.write_bytes(zipped(tmp_path / "whole.zip").read_bytes()[:100])
    with pytest.raises(Exception, match="cannot be read as a zip"):
        reads(file)
