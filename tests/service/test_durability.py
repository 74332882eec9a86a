"""What was acknowledged is there after the server was killed, and still finds its copies."""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.desk import Desk
from service.editors import Editors, Order
from service.messages import ItemIn
from service.store import Store, gists

Archive = dict[str, dict[str, Any]]


@dataclass
class Restarted:
    """A server that was killed while items were coming in, and started again."""

    server: Any
    acknowledged: dict[str, Any]  # id → the answer of 201

    def get(self, path: str) -> Any:
        return httpx.get(self.server.url + path).json()


@pytest.fixture(scope="module")
def restarted(server_class: Any, tmp_path_factory: pytest.TempPathFactory, archive: Archive) -> Iterator[Restarted]:
    database: Path = tmp_path_factory.mktemp("killed") / "items.db"
    acknowledged: dict[str, Any] = {}
    first = server_class(database)

    def post_all() -> None:
        with first.client() as client, contextlib.suppress(httpx.TransportError):
            for item in [archive["science-eelgrass"], archive["padded-drought"], *_with_a_footer(20), *_briefs()]:
                answer = client.post("/v1/items", json=item)
                assert answer.status_code == 201
                acknowledged[item["id"]] = answer.json()

    poster = threading.Thread(target=post_all)
    poster.start()
    while len(acknowledged) < 40:
        time.sleep(0.01)
    first.kill()
    poster.join()
    second = server_class(database)
    yield Restarted(second, acknowledged)
    second.kill()


FOOTER = "Harbour Post is owned by its readers and printed on paper from the Ellory mill."


def _with_a_footer(count: int) -> Iterator[dict[str, str]]:
    for number in range(count):
        story = (
            f"Scart council voted {number + 11} to {number % 7 + 2} on Tuesday to sell plot {number + 301}.\n\n"
            f"The buyer paid {number * 17 + 240},000 crowns and will employ {number + 12} people, clerk Jory Penn said."
        )
        yield {"id": f"footer-{number}", "source": "harbour-post", "body": f"{story}\n\n{FOOTER}"}


def _briefs() -> Iterator[dict[str, str]]:
    for number in range(10_000):
        yield {"id": f"brief-{number}", "body": f"Berth {number} in the marina was let to a boat of {number + 7} feet."}


def test_every_acknowledged_item_is_there_as_it_was_answered(restarted: Restarted) -> None:
    for item_id, answer in restarted.acknowledged.items():
        assert restarted.get(f"/v1/items/{item_id}") == answer


def test_an_item_from_before_still_finds_its_copies(restarted: Restarted, archive: Archive) -> None:
    copy = httpx.post(f"{restarted.server.url}/v1/items", json=archive["science-eelgrass-page"]).json()
    assert copy["status"] == "rejected"
    assert copy["verdict"]["matches"][0]["id"] == "science-eelgrass"


def test_what_a_source_repeats_is_still_known(restarted: Restarted) -> None:
    *_, item = _with_a_footer(30)
    answer = httpx.post(f"{restarted.server.url}/v1/check?html=true", json=item).json()
    assert ("source_memory", FOOTER) in [(piece["reason"], piece["text"]) for piece in answer["cleaned"]["dropped"]]
    assert "Jory Penn" in answer["cleaned"]["html"]
    assert FOOTER not in answer["cleaned"]["html"]


def test_the_feed_goes_on_with_what_was_published(restarted: Restarted) -> None:
    feed = [item["id"] for item in restarted.get("/feed.json")["items"]]
    published = [i for i, answer in restarted.acknowledged.items() if answer["status"] == "published"]
    assert set(feed) <= {item["id"] for item in restarted.get("/v1/items?status=published&limit=200")["items"]}
    assert set(published[-10:]) <= set(feed)


def test_a_server_that_is_told_to_stop_finishes(start_server: Any, tmp_path: Path) -> None:
    server = start_server(tmp_path / "items.db")
    server.stop()
    assert "Application shutdown complete" in server.log.read_text()


def test_what_is_erased_does_not_stay_in_the_file(tmp_path: Path, with_desks: Any) -> None:
    database = tmp_path / "items.db"
    body = (
        "Ferryman Quillfeather paid 4,100 crowns on Monday for the tug Bramblewick, which lay at Aldwick for 11 years."
    )

    async def erase(desk: Desk) -> None:
        for name, text in (("erased", body), ("copy", body), ("other", body.replace("Quillfeather", "Moss"))):
            await desk.admit(ItemIn(id=name, body=text))
        for name in ("erased", "copy"):
            await Editors(desk).delete(Order(name, "Ines", "asked for"))

    with contextlib.closing(Store.open(database)) as store:
        with_desks(erase, store)
        assert not store.read(gists.is_swept)
        for _ in range(100):
            store.write(gists.sweep)
            if store.read(gists.is_swept):
                break
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir()).lower()
    assert b"moss" in kept
    assert b"quillfeather" not in kept


def test_two_servers_do_not_share_a_file(server: Any, start_server: Any) -> None:
    with pytest.raises(RuntimeError, match="in use by another copytaster server"):
        start_server(server.database)
