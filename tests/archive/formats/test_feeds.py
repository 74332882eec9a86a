"""RSS and Atom: whole, hostile and cut; items are found by their tags and read one by one."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from detector.archive.formats import Row, find_sources, parse, read
from detector.archive.write import distribute

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel>
  <title>Harbour Post</title>
  <link>https://harbour.example/</link>
  <language>en-GB</language>
  <item>
    <title>Ferry &amp; crew</title>
    <link>https://harbour.example/1</link>
    <guid isPermaLink="false">post-1</guid>
    <pubDate>Mon, 02 Mar 2026 10:00:00 +0100</pubDate>
    <category>Shipping</category>
    <description>In short.</description>
    <content:encoded><![CDATA[<p>The ferry stops. </item> <item> is no tag here.</p>]]></content:encoded>
  </item>
  <!-- <item><guid>not-this-one</guid></item> -->
  <item>
    <title>Slipway</title>
    <guid>post-2</guid>
    <dc:date>2026-03-03T08:00:00Z</dc:date>
    <description>Closed until 14 May: the café, too.</description>
  </item>
  <item><title>Honey</title><guid>post-3</guid><description>Two hives, 44 pounds.</description></item>
</channel>
</rss>
"""
ATOM = """<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Tide Tables</title><id>urn:feed</id>
<updated>2026-03-01T00:00:00Z</updated>
<entry><id>urn:1</id><title type="html">Neap &amp;amp; spring</title><link rel="alternate" href="https://tide.example/1"/>
<published>2026-03-01T12:00:00+01:00</published><updated>2026-03-02T00:00:00Z</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>High at <b>noon</b>.</p></div></content></entry>
<entry><id>urn:2</id><title>Plain</title><updated>2026-03-02T00:00:00Z</updated>
<content type="text">a &lt;b&gt; c</content></entry>
</feed>
"""
RDF = """<?xml version="1.0" encoding="ISO-8859-1"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://wire.example/"><title>Wire</title>
<items><rdf:Seq><rdf:li rdf:resource="u1"/></rdf:Seq></items></channel>
<item rdf:about="https://wire.example/u1"><title>Café</title><link>https://wire.example/u1</link>
<description>Ouvert à midi.</description><dc:date>2026-03-01T09:00:00Z</dc:date></item>
</rdf:RDF>
"""


def test_an_rss_item_gives_its_content_its_date_and_the_feeds_title(tmp_path: Path, reads: Any) -> None:
    (tmp_path / "feed").write_text(RSS, encoding="utf-8")
    (ferry, slipway, honey), bad = reads(tmp_path / "feed")
    assert not bad
    assert (ferry.id, ferry.title, ferry.url, ferry.section) == (
        "post-1", "Ferry & crew", "https://harbour.example/1", "Shipping"
    )  # fmt: skip
    assert ferry.body == "<p>The ferry stops. </item> <item> is no tag here.</p>"
    assert (ferry.source, ferry.published) == ("Harbour Post", datetime(2026, 3, 2, 9, tzinfo=UTC))
    assert (slipway.media_type, slipway.published) == ("text/plain", datetime(2026, 3, 3, 8, tzinfo=UTC))
    assert (honey.id, honey.published) == ("post-3", None)


def test_atom_and_rss_1_are_read_too(tmp_path: Path, reads: Any) -> None:
    (tmp_path / "a.xml").write_text(ATOM, encoding="utf-8")
    (tmp_path / "r.xml").write_text(RDF, encoding="latin-1")
    (spring, plain, cafe), bad = reads(tmp_path / "a.xml", tmp_path / "r.xml")
    assert not bad
    assert (spring.id, spring.url, spring.source) == ("urn:1", "https://tide.example/1", "Tide Tables")
    assert spring.published == datetime(2026, 3, 1, 11, tzinfo=UTC)
    assert "<b>noon</b>" in spring.body
    assert (plain.body, plain.media_type) == ("a <b> c", "text/plain")
    assert (cafe.title, cafe.body, cafe.source) == ("Café", "Ouvert à midi.", "Wire")


def test_what_is_written_is_the_feed_without_the_items_that_go(tmp_path: Path, reads: Any, writes: Any) -> None:
    file = tmp_path / "feed.xml.gz"
    file.write_bytes(gzip.compress(RSS.encode()))
    out = writes(file, remove={"post-2"})
    kept, removed = (gzip.decompress((out / n / "feed.xml.gz").read_bytes()).decode() for n in ("kept", "removed"))
    at, end = RSS.index("\n  <item>\n    <title>Slipway"), RSS.index("\n  <item><title>Honey")
    assert kept == RSS[:at] + RSS[end:]
    assert [item.id for item in reads(out / "removed" / "feed.xml.gz")[0]] == ["post-2"]
    assert removed.startswith(RSS[: RSS.index("\n  <item>")])


@pytest.mark.parametrize("text", [RSS, ATOM], ids=["rss", "atom"])
def test_a_feed_cut_anywhere_gives_its_whole_items_and_loses_no_byte(text: str, tmp_path: Path) -> None:
    whole = text.encode()
    closings = (b"\n  </item>", b"pounds.</description></item>") if text is RSS else (b"</entry>",)
    for cut in range(150, len(whole), 37):
        file = tmp_path / f"{cut}.xml"
        file.write_bytes(whole[:cut])
        sources = find_sources([file])
        rows = [parse(raw) for raw in read(sources)]
        ended = sum(whole[:cut].count(closing) for closing in closings)
        assert sum(isinstance(row, Row) for row in rows) == ended
        assert len(rows) - ended <= 1
        distribute(sources, lambda _raw: "kept", tmp_path / f"out-{cut}")
        assert (tmp_path / f"out-{cut}" / "kept" / file.name).read_bytes() == whole[:cut]


BOMB = """<?xml version="1.0"?>
<!DOCTYPE rss [
 <!ENTITY a "lollollollol"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;"><!ENTITY f SYSTEM "file:///etc/passwd">
]>
<rss version="2.0"><channel><title>x</title>
<item><guid>bomb</guid><description>&c;</description></item>
<item><guid>file</guid><description>&f;</description></item>
<item><guid>inner</guid><description><!DOCTYPE x [<!ENTITY z "zzz">]>&z;</description></item>
<item><guid>good</guid><description>Two hives &amp; bees.</description></item>
</channel></rss>
"""


def test_no_entity_is_expanded_and_the_items_beside_are_read(tmp_path: Path, reads: Any) -> None:
    (tmp_path / "bomb.xml").write_text(BOMB)
    items, bad = reads(tmp_path / "bomb.xml")
    assert [row.error for row in bad if "none is expanded" in row.error] == [
        "the item uses the entity &c; that the file declares; none is expanded",
        "the item uses the entity &f; that the file declares; none is expanded",
    ]
    assert "good" in [item.id for item in items]
    assert not any("zzz" in item.body.replace('"zzz"', "") or "root:" in item.body for item in items)


def test_an_item_that_is_never_closed_spoils_no_other(tmp_path: Path, reads: Any, writes: Any) -> None:
    file = tmp_path / "open.xml"
    file.write_text(
        "<rss><channel><item><guid>a</guid><description>1</description></item><item><guid>b</guid>"
        "<item><guid>c</guid><description>3</description></item></channel></rss>"
    )
    items, bad = reads(file)
    assert [item.id for item in items] == ["a", "c"]
    assert [(row.place, row.error) for row in bad] == [
        ("item 2 at byte 69", "the item does not end before the next begins")
    ]
    assert "<guid>b</guid>" in (writes(file, remove=set()) / "quarantined" / "open.xml").read_text()


def test_an_overlong_item_is_set_aside_and_the_next_one_read(tmp_path: Path, reads: Any, writes: Any) -> None:
    file = tmp_path / "long.xml"
    head = b"<rss><channel><title>x</title>"
    tail = b"<item><guid>b</guid><description>y</description></item></channel></rss>"
    item = b"<item><guid>a</guid><description><![CDATA[" + b"x" * (40 << 20) + b"]]></description></item>"
    file.write_bytes(head + item + tail)
    items, bad = reads(file)
    assert [item.id for item in items] == ["b"]
    assert "longer than" in bad[0].error
    out = writes(file, remove=set())
    assert (out / "quarantined" / "long.xml").read_bytes() == head + item + b"</channel></rss>"
    assert (out / "kept" / "long.xml").read_bytes() == head + tail
