"""What readers of the feeds get."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import httpx
import pytest

from service.feed_documents import item_urn

Archive = dict[str, dict[str, Any]]
ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = ["/feed.atom", "/feed.rss", "/feed.json"]
NASTY = {
    "id": "nasty",
    "title": "Bell & Sons <script>alert(1)</script> sell \x0b 40 % of the \"Yard\"",
    "body": "Bell & Sons sold 40 % of the yard to 3 < 5 partners on Monday, said its clerk, Ada Fenn.",
    "url": "https://x.example/?a=1&b=<2>",
    "source": "a&b",
    "published": "2026-03-02T10:00:00+01:00",
}  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def client(
    request: pytest.FixtureRequest, server: Any, server_class: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """Calls of a server on either database."""
    if request.param == "sqlite":
        with server.client() as client:
            yield client
        return
    running = server_class(tmp_path_factory.mktemp("feeds") / "items.db", request.getfixturevalue("new_postgres")())
    with running.client() as client:
        yield client
    running.stop()


@pytest.fixture(autouse=True)
def _something_is_published(client: httpx.Client, archive: Archive) -> None:
    for item in (archive["wire-earthquake"], NASTY):
        assert client.post("/v1/items", json=item).json()["status"] == "published"


def test_the_atom_feed_is_valid_and_holds_what_was_published(client: httpx.Client) -> None:
    answer = client.get("/feed.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    entry = next(entry for entry in feed.entries if entry.title.startswith("Quake"))
    assert "San Corrado" in entry.content[0].value
    assert entry.link.endswith("/world/wire-earthquake")
    assert entry.published == "2026-03-12T23:30:00+00:00"


def test_the_atom_feed_has_what_rfc_4287_asks_for(client: httpx.Client) -> None:
    feed = ET.fromstring(client.get("/feed.atom").content)  # noqa: S314  # our own document
    for place in (feed, *feed.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(place.findall(ATOM + name)) == 1
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert len(set(ids)) == len(ids)
    assert all(entry.findtext(f"{ATOM}author/{ATOM}name") for entry in feed.iter(f"{ATOM}entry"))


def test_markup_in_a_title_stays_text(client: httpx.Client) -> None:
    feed = ET.fromstring(client.get("/feed.atom").content)  # noqa: S314
    titles = [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]
    assert 'Bell & Sons <script>alert(1)</script> sell  40 % of the "Yard"' in titles
    item = next(item for item in client.get("/feed.json").json()["items"] if item["id"] == "nasty")
    assert "3 &lt; 5" in item["content_html"]


def test_the_json_feed_has_what_version_1_1_asks_for(client: httpx.Client) -> None:
    answer = client.get("/feed.json")
    assert answer.headers["content-type"].startswith("application/feed+json")
    feed = answer.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"]
    for item in feed["items"]:
        assert item["id"]
        assert item["content_html"]
        assert item["date_published"].endswith("+00:00")


@pytest.mark.parametrize("feed", FEEDS)
def test_a_reader_that_has_the_feed_is_not_sent_it_again(client: httpx.Client, feed: str) -> None:
    first = client.get(feed)
    while "last-modified" not in first.headers:  # the second in which it changed is not over
        time.sleep(0.1)
        first = client.get(feed)
    for headers in (
        {"If-None-Match": first.headers["etag"]},
        {"If-None-Match": f'"another", W/{first.headers["etag"]}'},
        {"If-Modified-Since": first.headers["last-modified"]},
    ):
        again = client.get(feed, headers=headers)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize("feed", FEEDS)
def test_a_reader_is_sent_what_it_does_not_have(client: httpx.Client, archive: Archive, feed: str) -> None:
    before = client.get(feed)
    story = dict(zip(FEEDS, ("de-hafenmauer", "it-frana", "es-incendio"), strict=True))[feed]
    item = archive[story] | {"id": f"new in {feed}"}
    assert client.post("/v1/items", json=item).json()["status"] == "published"
    assert client.get(feed, headers={"If-None-Match": before.headers["etag"]}).status_code == 200
    for date in ("no date", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"):
        assert client.get(feed, headers={"If-Modified-Since": date}).status_code == 200


@pytest.mark.parametrize("feed", FEEDS)
def test_a_reader_by_date_alone_learns_that_an_item_was_deleted_from_a_sources_feed(
    client: httpx.Client, feed: str
) -> None:
    for place in ("mole", "weir"):
        body = f"The {place} at Aldwick ({feed}) was closed on Monday after 9 of its piles broke, said Eve Hall."
        assert client.put(f"/v1/items/{place}", json={"body": body, "source": "leaving"}).is_success
        given = {"item_id": place, "decision": "publish"}
        assert client.post("/v1/decisions", json=given).is_success
    time.sleep(1.1)
    date = {"If-Modified-Since": format_datetime(datetime.now(UTC), usegmt=True)}
    assert client.delete("/v1/items/mole").status_code == 204
    again = client.get(f"{feed}?source=leaving", headers=date)
    assert (again.status_code, "mole at" in again.text, "weir at" in again.text) == (200, False, True)


def test_what_was_deleted_and_came_again_but_not_to_the_readers_keeps_its_tombstone(client: httpx.Client) -> None:
    given = {"id": "again", "body": "The toll at Aldwick was raised on Monday from 3 to 4 crowns, said Ida Moss."}
    assert client.post("/v1/items", json=given).json()["status"] == "published"
    assert client.delete("/v1/items/again").status_code == 204
    assert item_urn("again") in client.get("/feed.atom").text
    assert client.post("/v1/items", json={"id": "again", "body": "Salt Lane, Port Ellory."}).json()["status"] == "held"
    assert f'ref="{item_urn("again")}"' in client.get("/feed.atom").text


@pytest.mark.parametrize("feed", FEEDS)
def test_a_feed_answers_head(client: httpx.Client, feed: str) -> None:
    answer = client.head(feed)
    assert (answer.status_code, answer.content) == (200, b"")
