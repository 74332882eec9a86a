"""What happens to an item that is checked or admitted."""

from typing import Any

import httpx

from service.messages import EXAMPLE_ITEM

Archive = dict[str, dict[str, Any]]


def test_a_check_stores_nothing(client: httpx.Client, archive: Archive) -> None:
    item = archive["business-cannery"]
    first, second = (client.post("/v1/check", json=item) for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert second.json()["matches"] == []
    assert client.get(f"/v1/items/{item['id']}").status_code == 404


def test_an_accepted_item_is_stored_and_published(client: httpx.Client, archive: Archive) -> None:
    item = archive["wire-rate-decision"]
    answer = client.post("/v1/items", json=item)
    assert (answer.status_code, answer.json()["status"]) == (201, "published")
    stored = client.get(answer.headers["location"]).json()
    assert stored == answer.json()
    assert "3.25 percent" in stored["verdict"]["cleaned"]["text"]
    assert client.get("/v1/items", params={"status": "published", "limit": 1}).json()["items"] == [stored]


def test_a_copy_is_rejected_with_the_item_that_it_copies_and_kept_from_the_feeds(
    client: httpx.Client, archive: Archive
) -> None:
    original, copy = archive["council-bus-lanes"], archive["council-bus-lanes-flat"]
    client.post("/v1/items", json=original)
    answer = client.post("/v1/items", json=copy)
    assert (answer.status_code, answer.json()["status"]) == (201, "rejected")
    match = answer.json()["verdict"]["matches"][0]
    assert (match["id"], match["is_duplicate"]) == (original["id"], True)
    assert (match["title"], match["url"], match["source"]) == (original["title"], original["url"], original["source"])
    published = {item["id"] for item in client.get("/feed.json").json()["items"]}
    assert original["id"] in published
    assert copy["id"] not in published


def test_the_passages_of_a_match_are_where_they_are_said_to_be(client: httpx.Client, archive: Archive) -> None:
    client.post("/v1/items", json=archive["museum-acquisition"])
    answer = client.post("/v1/check", json=archive["museum-acquisition-edited"]).json()
    earlier = client.get("/v1/items/museum-acquisition").json()["verdict"]["cleaned"]["text"]
    passages = answer["matches"][0]["passages"]
    assert len(passages) > 1
    for passage in passages:
        assert passage["text"] == answer["cleaned"]["text"][passage["start"] : passage["end"]]
        assert _words(passage["text"]) == _words(earlier[passage["other_start"] : passage["other_end"]])


def test_an_item_is_not_its_own_copy(client: httpx.Client, archive: Archive) -> None:
    item = archive["sports-transfer"]
    client.post("/v1/items", json=item)
    changed = item | {"body": item["body"] + "\n\nWirth will wear the number 19 shirt in Molvena."}
    for again in (item, changed):
        assert client.post("/v1/check", json=again).json()["matches"] == []


def test_the_same_item_again_gives_the_stored_verdict(client: httpx.Client, archive: Archive) -> None:
    item = archive["election-by-election"]
    first, second = (client.post("/v1/items", json=item) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()


def test_what_an_item_repeats_is_told_from_what_it_pads(client: httpx.Client, archive: Archive) -> None:
    answer = client.post("/v1/check", json=archive["padded-border-incident"]).json()
    assert answer["action"] != "publish"
    assert len(answer["quality"]["filler"]) > answer["quality"]["sentences"] / 2
    for sentence in answer["quality"]["filler"]:
        assert sentence["text"] == answer["cleaned"]["text"][sentence["start"] : sentence["end"]]
    assert "Too long to read?" in " ".join(piece["text"] for piece in answer["cleaned"]["dropped"])


def test_every_verdict_says_what_made_it(client: httpx.Client) -> None:
    answer = client.post("/v1/check", json=EXAMPLE_ITEM).json()
    assert {"cleaner", "quality"} <= answer["models"].keys()
    assert answer["policy"]
    assert answer["sketch"]
    assert 0 < answer["timing_ms"]["examine"] <= answer["timing_ms"]["total"]


def test_cleaned_html_is_given_on_request_and_is_safe(client: httpx.Client) -> None:
    item = {
        "id": "with-a-script",
        "body": "<article><p onclick='steal()'>The ferry office moved to 2 Fish Quay on 1 April, and opens at nine.</p>"
        "<script>steal()</script><p>Tickets are <a href='javascript:steal()'>on sale</a> there.</p></article>",
    }
    assert client.post("/v1/check", json=item).json()["cleaned"]["html"] is None
    html = client.post("/v1/check?html=true", json=item).json()["cleaned"]["html"]
    assert "2 Fish Quay" in html
    assert "steal" not in html


def test_an_id_may_be_an_address(client: httpx.Client) -> None:
    item = {"id": "https://x.example/a b?c=d&e=é#f", "body": "The mart at Great Marl sold 412 store lambs on Tuesday."}
    answer = client.post("/v1/items", json=item)
    assert client.get(answer.headers["location"]).json()["id"] == item["id"]


def test_pages_of_items_join_without_gap_or_overlap(client: httpx.Client) -> None:
    for number in range(3):
        client.post(
            "/v1/items", json={"id": f"page-{number}", "body": f"Boat {number} of the fleet was sold on Monday."}
        )
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = client.get("/v1/items", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
    assert seen == [item["id"] for item in client.get("/v1/items", params={"limit": 200}).json()["items"]]
    assert len(set(seen)) == len(seen) >= 3


def test_every_documented_example_works_when_it_is_posted(client: httpx.Client) -> None:
    schema = client.get("/openapi.json").json()
    examples = schema["components"]["schemas"]["ItemIn"]["examples"]
    assert len(examples) >= 2
    for example in examples:
        assert client.post("/v1/check", json=example).status_code == 200
        assert client.post("/v1/items", json=example).status_code in (200, 201)


def _words(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text.casefold()).split()
