"""Feeds as they come in: each entry an item, whatever its format; what was made to harm is refused."""

from datetime import UTC, datetime

import pytest

from service.feed_reader import FeedError, read_feed

RSS = b"""<?xml version="1.0" encoding="iso-8859-1"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Harbour Post</title><link>https://www.harbour-post.example/</link><language>en-gb</language>
<item><title>Caf\xe9 &amp;amp; quay</title><link>https://www.harbour-post.example/cafe</link>
  <guid isPermaLink="false">117</guid><pubDate>Mon, 02 Mar 2026 10:00:00 +0100</pubDate><category>Local</category>
  <description>Short.</description>
  <content:encoded><![CDATA[<p class="lead">The caf\xe9 opened.</p>]]></content:encoded>
</item>
<item><description>A text without a headline.</description></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Ellory Today</title><id>urn:x</id>
<updated>2026-03-02T09:00:00Z</updated><entry><id>tag:ellory.example,2026:1</id>
<title type="html">Ferry &lt;b&gt;late&lt;/b&gt;</title>
<updated>2026-03-02T09:00:00Z</updated><content type="text" xml:lang="de">Die Fähre kam zu spät.</content>
<link href="javascript:alert(1)"/></entry></feed>""".encode()


def test_rss_is_read_with_its_encoding_its_fullest_text_and_its_time() -> None:
    feed = read_feed(RSS)
    first, second = feed.items
    assert (first.id, first.title, first.source) == (
        "www.harbour-post.example:117",
        "Café & quay",
        "www.harbour-post.example",
    )
    assert first.body == '<p class="lead">The café opened.</p>'
    assert (first.media_type, first.section, first.language) == ("text/html", "Local", "en-gb")
    assert first.published == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert second.body == "A text without a headline."
    assert feed.faults == ()


def test_atom_is_read_and_an_address_that_is_a_script_left_out() -> None:
    (item,) = read_feed(ATOM, url="https://feeds.ellory.example/atom").items
    assert (item.id, item.title, item.url) == ("tag:ellory.example,2026:1", "Ferry late", None)
    assert (item.media_type, item.language, item.source) == ("text/plain", "de", "feeds.ellory.example")


def test_the_same_entry_has_the_same_id_each_time_and_another_one_in_another_feed() -> None:
    again, other = read_feed(RSS), read_feed(RSS, source="another")
    assert [item.id for item in again.items] == [item.id for item in read_feed(RSS).items]
    assert not {item.id for item in again.items} & {item.id for item in other.items}


def test_an_id_that_is_too_long_is_shortened_to_one_of_its_own() -> None:
    long = [RSS.replace(b">117<", b">" + b"x" * 500 + end + b"<") for end in (b"a", b"b")]
    ids = {read_feed(data).items[0].id for data in long}
    assert len(ids) == 2
    assert all(len(name) <= 200 for name in ids)


def test_an_entry_that_cannot_be_sent_is_named_and_the_others_are() -> None:
    feed = read_feed(RSS.replace(b">117<", b"> <").replace(b"A text without a headline.", b"\xa0"))
    assert len(feed.items) + len(feed.faults) == 2


LAUGHS = b'<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
FILE = b'<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("doctype", [LAUGHS, FILE])
@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_feed_with_entities_of_its_own_is_refused_in_any_encoding(doctype: bytes, encoding: str) -> None:
    text = (doctype + RSS.split(b"?>", 1)[1]).decode("latin-1").replace("Short.", "&a;")
    with pytest.raises(FeedError, match="declares the entity 'a'"):
        read_feed(text.encode("utf-8" if encoding == "latin-1" else encoding))


def test_a_feed_that_nests_too_deep_is_refused() -> None:
    with pytest.raises(FeedError, match="more than 100 deep"):
        read_feed(b"<rss>" + b"<channel>" * 100_000)


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"<html><body>None</body></html>", b"https://127.0.0.1:1/", b"/etc/passwd"]
)
def test_what_is_no_feed_is_refused_and_never_opened_as_a_name(data: bytes) -> None:
    with pytest.raises(FeedError, match="this is no feed"):
        read_feed(data)


@pytest.mark.parametrize("link", ["http://[url]/", "http://[::1"])
def test_an_address_that_only_looks_like_one_is_left_out(link: str) -> None:
    feed = read_feed(RSS.replace(b"https://www.harbour-post.example/cafe", link.encode()))
    assert [item.url for item in feed.items] == [None, None]


def test_a_broken_feed_gives_what_can_be_read() -> None:
    assert len(read_feed(RSS[: RSS.index(b"</channel>")]).items) == 2
