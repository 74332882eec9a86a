"""Feeds as documents: what RFC 4287, RFC 5005, RFC 6721, RSS 2.0 and JSON Feed 1.1 ask for."""

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree as ET

import feedparser
import pytest

from service.feed_documents import FeedItem, Page, Removed, item_urn, write_atom, write_json, write_rss

ATOM, TOMBSTONE = "{http://www.w3.org/2005/Atom}", "{http://purl.org/atompub/tombstones/1.0}"
WHEN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ITEM = FeedItem(
    id="hp-0117",
    title='Bell & Sons <script> \x0b "Yard"',
    text="Bell & Sons sold 40 % to 3 < 5 partners.\n\nMore.",
    html="<p>Bell &amp; Sons sold 40 % to 3 &lt; 5 partners.</p><p>More.</p>",
    url="https://x.example/?a=1&b=2",
    source="harbour-post",
    section="local",
    language="en",
    published=WHEN,
    changed=WHEN.replace(hour=10),
)
BARE = FeedItem("bare", "", "A text alone.", "<p>A text alone.</p>", None, None, None, None, WHEN, WHEN)
GONE = Removed("gone", WHEN.replace(hour=11))
PAGE = Page(
    title="What passed",
    home="https://feeds.example",
    first="https://feeds.example/feed.atom?source=harbour-post",
    here="https://feeds.example/feed.atom?source=harbour-post&cursor=9",
    following="https://feeds.example/feed.atom?source=harbour-post&cursor=7",
    items=(ITEM, BARE),
    removed=(GONE,),
)
EMPTY = Page("Nothing yet", "https://feeds.example", "https://feeds.example/f", "https://feeds.example/f", None, (), ())


@pytest.mark.parametrize("page", [PAGE, EMPTY])
def test_atom_has_what_rfc_4287_asks_for(page: Page) -> None:
    feed = ET.fromstring(write_atom(page))  # noqa: S314  # our own document
    for place in (feed, *feed.iter(f"{ATOM}entry")):
        assert all(len(place.findall(ATOM + name)) == 1 for name in ("id", "title", "updated"))
        assert datetime.fromisoformat(place.findtext(f"{ATOM}updated") or "").tzinfo is not None
    assert all(entry.findtext(f"{ATOM}author/{ATOM}name") for entry in feed.iter(f"{ATOM}entry"))
    # An entry without a link to itself elsewhere must have content (4.1.2).
    assert all(entry.find(f"{ATOM}content") is not None for entry in feed.iter(f"{ATOM}entry"))
    assert len(feed.findall(f"{ATOM}link[@rel='self']")) == 1


@pytest.mark.parametrize("write", [write_atom, write_rss])
def test_readers_get_what_was_published(write: object) -> None:
    feed = feedparser.parse(write(PAGE))  # type: ignore[operator]
    assert not feed.bozo
    assert feed.version in ("atom10", "rss20")
    first, second = feed.entries
    # Atom's title is plain text; in RSS nobody knows, so a reader shows what is left of one that looks like markup.
    assert first.title.startswith("Bell & Sons")
    assert first.link == ITEM.url
    assert first.published_parsed[:4] == (2026, 3, 2, 9)
    assert "3 &lt; 5 partners" in first.content[0].value
    assert [tag.term for tag in first.tags] == ["local"]
    assert first.author == "harbour-post"
    assert (first.id, second.id) == (item_urn("hp-0117"), item_urn("bare"))
    assert second.title == "A text alone."


def test_a_page_names_the_first_and_the_next_one_as_rfc_5005_asks() -> None:
    feed = ET.fromstring(write_atom(PAGE))  # noqa: S314
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {"self": PAGE.here, "first": PAGE.first, "next": PAGE.following}
    rss = ET.fromstring(write_rss(PAGE))  # noqa: S314
    assert {link.get("rel") for link in rss.iter(f"{ATOM}link")} == {"self", "first", "next"}
    assert json.loads(write_json(PAGE))["next_url"] == PAGE.following
    assert "next_url" not in json.loads(write_json(EMPTY))


def test_what_left_is_a_tombstone_as_rfc_6721_asks() -> None:
    feed = ET.fromstring(write_atom(PAGE))  # noqa: S314
    (tombstone,) = feed.findall(f"{TOMBSTONE}deleted-entry")
    assert tombstone.attrib == {"ref": item_urn("gone"), "when": "2026-03-02T11:00:00+00:00"}
    assert feed.findtext(f"{ATOM}updated") == "2026-03-02T11:00:00+00:00", "its leaving is a change of the feed"
    assert json.loads(write_json(PAGE))["_copytaster"]["removed"][0]["id"] == "gone"


@pytest.mark.parametrize("page", [PAGE, EMPTY])
def test_rss_has_what_rss_2_0_asks_for(page: Page) -> None:
    rss = ET.fromstring(write_rss(page))  # noqa: S314
    assert rss.get("version") == "2.0"
    (channel,) = list(rss)
    assert all(channel.findtext(name) for name in ("title", "link", "description"))
    for item in channel.findall("item"):
        assert item.findtext("title")
        guid = item.find("guid")
        assert guid is not None
        assert guid.get("isPermaLink") == "false"
        parsedate_to_datetime(item.findtext("pubDate") or "")


def test_json_feed_has_what_version_1_1_asks_for() -> None:
    feed = json.loads(write_json(PAGE))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"]
    first, second = feed["items"]
    assert (first["id"], first["authors"], first["tags"]) == ("hp-0117", [{"name": "harbour-post"}], ["local"])
    assert datetime.fromisoformat(first["date_published"]) == WHEN
    assert "url" not in second
    assert second["content_html"]
