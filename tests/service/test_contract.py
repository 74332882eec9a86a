"""What the API promises, on SQLite and on PostgreSQL."""

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

Archive = dict[str, dict[str, Any]]

QUAY = (
    "Two bus lanes will replace 46 parking spaces on Quay Road after Port Ellory council voted 19 to 14 on Thursday."
    " Work begins on 11 May and will take nine weeks. The scheme costs 640,000 crowns, of which the county pays"
    " 410,000. Traders at the north end asked for a loading bay, which clerk Jory Penn said would be looked at in June."
)
FERRY = (
    "The ferry Marram was towed to Aldwick on Sunday with 214 passengers after a fire in its engine room near Ostrey"
    " Island. Nobody was hurt. Harbour master Ines Cole said the lifeboat reached it in 26 minutes."
)


def _story(number: int) -> str:
    return (
        f"Scart council voted {number + 11} to {number % 7 + 2} on Tuesday to sell plot {number + 301} to builder"
        f" Firm{number * 7}. The buyer paid {number * 17 + 240},000 crowns and will employ {number + 12} people there."
    )


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def api(
    request: pytest.FixtureRequest, server_class: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    url = request.getfixturevalue("new_postgres")() if request.param == "postgres" else None
    running = server_class(tmp_path_factory.mktemp(request.param) / "items.db", url)
    with running.client() as client:
        yield client
    running.stop()


@pytest.fixture
def named(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """Ids of the test's own."""
    return lambda name: f"{request.node.originalname}-{name}"


def _posted(api: httpx.Client, item_id: str, body: str, **more: str) -> dict[str, Any]:
    answer = api.post("/v1/items", json={"id": item_id, "body": body, **more})
    assert answer.status_code == 201, answer.text
    stored: dict[str, Any] = answer.json()
    return stored


def _found(api: httpx.Client, body: str) -> list[str]:
    """The items of which ``body`` would be a duplicate."""
    answer = api.post("/v1/check", json={"id": "found", "body": body}).json()
    return [match["id"] for match in answer["matches"] if match["is_duplicate"]]


def test_an_item_is_answered_in_the_words_of_ninjs(api: httpx.Client) -> None:
    item = _posted(api, "https://x.example/a b?c=1/story", _story(1))
    assert (item["version"], item["pubstatus"], item["evolvedfrom"]) == ("1", "usable", None)
    assert api.get(item["uri"]).json() == item
    assert api.get(f"{item['uri']}/story").json()["first"] == item["id"]


def test_a_new_version_supersedes_the_one_before(api: httpx.Client, named: Callable[[str], str]) -> None:
    first = _posted(api, named("a"), _story(2), version="draft 1")
    new_text = {"body": _story(3), "version": "draft 2"}
    answer = api.put(first["uri"], json=new_text)
    assert (answer.status_code, answer.json()["version"]) == (200, "2")
    assert api.get(first["uri"]).json() == answer.json()
    assert api.put(first["uri"], json=new_text).json()["version"] == "2"  # the same again changes nothing
    assert _found(api, _story(2)) == []
    assert _found(api, _story(3)) == [first["id"]]
    created = api.put(f"/v1/items/{named('new')}", json={"body": _story(4)})
    assert (created.status_code, created.json()["status"]) == (201, "published")


def test_an_item_that_changed_meanwhile_is_not_overwritten(api: httpx.Client, named: Callable[[str], str]) -> None:
    uri = _posted(api, named("a"), _story(5))["uri"]
    tag = api.get(uri).headers["etag"]
    assert api.get(uri, headers={"If-None-Match": tag}).status_code == 304
    assert api.put(uri, json={"body": _story(6)}, headers={"If-Match": tag}).status_code == 200
    for late in (
        api.put(uri, json={"body": _story(7)}, headers={"If-Match": tag}),
        api.delete(uri, headers={"If-Match": tag}),
        api.post("/v1/decisions", json={"item_id": named("a"), "decision": "reject"}, headers={"If-Match": tag}),
    ):
        assert (late.status_code, late.json()["type"]) == (412, "urn:copytaster:problem:precondition-failed")
    assert api.get(uri, headers={"If-None-Match": tag}).json()["version"] == "2"


def test_what_is_erased_is_gone_everywhere(api: httpx.Client, named: Callable[[str], str]) -> None:
    name = "Marigold Pennyfeather"
    text = f"{FERRY} The captain, {name}, has sailed it since 2011 and will give evidence in Scart on 14 June."
    erased = _posted(api, named("a"), text, title=f"Fire on {name}'s ferry")
    headers = {"Idempotency-Key": named("key")}
    copy = {"id": named("copy"), "body": text.replace(name, "who was not named")}
    assert named("a") in [
        m["id"] for m in api.post("/v1/items", json=copy, headers=headers).json()["verdict"]["matches"]
    ]
    assert api.delete(erased["uri"], params={"why": "asked for by its subject"}).status_code == 204
    assert api.get(erased["uri"]).status_code == 404
    later = api.get(f"/v1/items/{named('copy')}/matches").text
    assert name not in later
    assert json.loads(later)["matches"][0]["deleted"]
    assert named("a") not in _found(api, text)
    assert name not in api.get("/v1/items", params={"limit": 200}).text
    audit = api.get("/v1/decisions", params={"item_id": named("a")}).json()["decisions"]
    assert [(line["kind"], line["after"], line["why"]) for line in audit] == [
        ("delete", "deleted", "asked for by its subject")
    ]


def test_matches_are_shown_side_by_side(api: httpx.Client, named: Callable[[str], str]) -> None:
    first = _posted(api, named("a"), QUAY)
    _posted(api, named("b"), QUAY.replace("nine weeks", "eleven weeks"))
    match = api.get(f"/v1/items/{named('b')}/matches").json()["matches"][0]
    assert match["id"] == named("a")
    assert "".join(piece["other_text"] for piece in match["diff"]) == first["verdict"]["cleaned"]["text"]
    assert ("changed", "eleven", "nine") in [(p["kind"], p["text"], p["other_text"]) for p in match["diff"]]


def test_an_editor_decides_and_is_heard_from_then_on(api: httpx.Client, named: Callable[[str], str]) -> None:
    one, other = named("one"), named("other")
    _posted(api, one, _story(20))
    assert _posted(api, other, _story(20), source="desk")["status"] == "rejected"
    order = {"item_id": other, "decision": "publish", "why": "our own", "by": "Ines",
             "pairs": [{"item_id": one, "relation": "different"}],
             "sentences": [{"start": 0, "end": 5, "label": "informative"}]}  # fmt: skip
    decided = api.post("/v1/decisions", json=order).json()
    assert (decided["decision"]["before"], decided["decision"]["after"], decided["decision"]["who"]) == (
        "rejected", "published", "Ines",
    )  # fmt: skip
    assert api.get(f"/v1/items/{other}").json()["status"] == "published"
    again = api.put(f"/v1/items/{other}", json={"body": _story(20) + " A map is on page 4.", "source": "desk"}).json()
    assert again["status"] == "published"  # the pair stays pinned for its new versions
    assert one in [match["id"] for match in again["verdict"]["matches"]]  # and is shown all the same
    exported = [json.loads(line) for line in api.get("/v1/decisions.jsonl").text.splitlines()]
    line = next(line for line in exported if line["id"] == other)
    assert (line["decision"], line["text"], line["sentences"]) == (
        "publish", _story(20), [{"text": "Scart", "label": "informative"}],
    )  # fmt: skip


def test_a_pair_that_is_pinned_as_the_same_is_a_duplicate(api: httpx.Client, named: Callable[[str], str]) -> None:
    one, other = named("one"), named("other")
    _posted(api, one, _story(30))
    assert _posted(api, other, _story(31))["status"] == "published"  # the same form, other facts
    order = {"item_id": other, "decision": "reject", "pairs": [{"item_id": one, "relation": "same"}]}
    assert api.post("/v1/decisions", json=order).status_code == 200
    again = api.put(f"/v1/items/{other}", json={"body": _story(31) + " It rained."}).json()
    assert again["status"] == "rejected"


def test_a_retraction_finds_the_published_copies(api: httpx.Client, named: Callable[[str], str]) -> None:
    killed, longer, rejected = named("killed"), named("longer"), named("rejected")
    body = FERRY.replace("Sunday", "Monday").replace("214", "31").replace("Marram", "Sedge")
    _posted(api, killed, body)
    _posted(api, longer, f"{body} {_story(40)} {_story(41)} {_story(42)}", source="other")
    api.post("/v1/decisions", json={"item_id": longer, "decision": "publish"})
    assert _posted(api, rejected, body)["status"] == "rejected"
    answer = api.post(f"/v1/items/{killed}/retract", json={"why": "there was no fire"}).json()
    assert (answer["item"]["status"], answer["item"]["pubstatus"]) == ("retracted", "canceled")
    assert [(copy["id"], copy["kind"]) for copy in answer["copies"]] == [(longer, "contains")]
    late = api.post("/v1/check", json={"id": "x", "body": body}).json()
    assert late["action"] != "publish"
    assert "copy_of_retracted" in [reason["code"] for reason in late["reasons"]]
    assert killed not in {entry["id"].rpartition(":")[2] for entry in api.get("/feed.json").json()["items"]}


def test_a_story_is_a_tree(api: httpx.Client, named: Callable[[str], str]) -> None:
    body = QUAY.replace("Quay Road", "Mill Lane").replace("46", "58").replace("640,000", "912,500")
    for name in ("first", "copy", "copy-of-copy"):
        _posted(api, named(name), body, source=name)
        body = body.replace("nine weeks", "9 weeks").replace("looked at", "considered")
    story = api.get(f"/v1/items/{named('copy')}/story").json()
    assert story["first"] == named("first")
    assert [(one["id"], one["depth"]) for one in story["members"]] == [
        (named("first"), 0), (named("copy"), 1), (named("copy-of-copy"), 1),
    ]  # fmt: skip


def test_a_repeated_request_is_answered_alike_and_done_once(api: httpx.Client, named: Callable[[str], str]) -> None:
    item = {"id": named("a"), "body": _story(50)}
    headers = {"Idempotency-Key": named("key")}
    first, second = (api.post("/v1/items", json=item, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.text == second.text
    assert second.headers["Idempotency-Replayed"] == "true"
    other = api.post("/v1/items", json=item | {"body": _story(51)}, headers=headers)
    assert (other.status_code, other.json()["type"]) == (422, "urn:copytaster:problem:idempotency-mismatch")
    order = {"item_id": named("a"), "decision": "reject"}
    for _ in range(2):
        assert api.post("/v1/decisions", json=order, headers={"Idempotency-Key": named("two")}).status_code == 200
    assert len(api.get("/v1/decisions", params={"item_id": named("a")}).json()["decisions"]) == 1


def test_a_request_that_is_being_answered_is_not_answered_twice(
    api: httpx.Client, named: Callable[[str], str], archive: Archive
) -> None:
    async def together() -> list[int]:
        item = archive["feature-bakery"] | {"id": named("a")}
        async with httpx.AsyncClient(base_url=api.base_url, timeout=60) as client:
            calls = (client.post("/v1/items", json=item, headers={"Idempotency-Key": named("k")}) for _ in range(4))
            return [answer.status_code for answer in await asyncio.gather(*calls)]

    statuses = asyncio.run(together())
    assert set(statuses) <= {201, 409}
    assert statuses.count(201) >= 1


def test_a_batch_is_admitted_in_order_and_tells_of_every_line(api: httpx.Client, named: Callable[[str], str]) -> None:
    items = [{"id": named(str(k)), "body": _story(60 + min(k, 20))} for k in range(23)]  # the last two repeat one
    lines = [json.dumps(item) for item in items] + ['{"id": "no body"}', "no JSON"]
    job = api.post("/v1/batches", content="\n".join(lines), headers={"Content-Type": "application/x-ndjson"})
    assert job.status_code == 202
    with api.stream("GET", job.json()["events"]) as events:
        told = [line for line in events.iter_lines() if line]
    assert told[-3] == "event: over"
    standing = api.get(job.headers["location"]).json()
    assert (standing["state"], standing["total"], standing["done"], standing["failed"]) == ("done", 25, 23, 2)
    results = [json.loads(line) for line in api.get(standing["results"]).text.splitlines()]
    assert [line["line"] for line in results] == list(range(1, 26))
    assert [line.get("status") for line in results[20:23]] == ["published", "rejected", "rejected"]
    assert [line["problem"]["status"] for line in results[23:]] == [422, 422]


def test_a_batch_under_a_key_is_taken_in_once(api: httpx.Client, named: Callable[[str], str]) -> None:
    def send(*numbers: int) -> httpx.Response:
        lines = "\n".join(json.dumps({"id": named(str(k)), "body": _story(600 + k)}) for k in numbers)
        headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": named("key")}
        return api.post("/v1/batches", content=lines, headers=headers)

    first, again, other = send(1, 2), send(1, 2), send(1, 2, 3)
    assert (first.status_code, again.status_code, other.status_code) == (202, 202, 422)
    assert (first.text, first.headers["location"]) == (again.text, again.headers["location"])
    assert again.headers["Idempotency-Replayed"] == "true"
    assert other.json()["type"] == "urn:copytaster:problem:idempotency-mismatch"
    assert api.get(first.headers["location"]).json()["total"] == 2


def test_ready_tells_how_the_index_and_the_backlog_stand(api: httpx.Client, named: Callable[[str], str]) -> None:
    before = api.get("/readyz").json()
    _posted(api, named("a"), _story(620))
    ready = api.get("/readyz").json()
    assert ready["index"]["items"] > before["index"]["items"]  # what others posted may be taken in as well
    assert ready["index"]["verified"] == before["index"]["verified"]
    assert (ready["index"]["filling"], ready["index"]["behind"]) == (False, 0)
    assert set(ready["models"]) == {"cleaner", "lines", "quality", "unicode"}
    assert set(ready["backlog"]) == {"requests", "line", "batches", "events", "dead"}


def test_a_batch_that_is_cancelled_stops(api: httpx.Client, named: Callable[[str], str]) -> None:
    lines = "\n".join(json.dumps({"id": named(str(k)), "body": _story(1_000 + k)}) for k in range(2_000))
    job = api.post("/v1/batches", content=lines, headers={"Content-Type": "application/x-ndjson"}).json()
    cancelled = api.post(f"/v1/jobs/{job['id']}/cancel").json()
    assert (cancelled["state"], cancelled["waiting"]) == ("cancelled", 0)
    assert cancelled["done"] < 2_000
    assert api.post(f"/v1/jobs/{job['id']}/cancel").json()["state"] == "cancelled"


def test_of_copies_that_arrive_together_one_is_published(api: httpx.Client, named: Callable[[str], str]) -> None:
    async def together() -> list[str]:
        async with httpx.AsyncClient(base_url=api.base_url, timeout=60) as client:
            calls = (client.post("/v1/items", json={"id": named(str(k)), "body": _story(90)}) for k in range(6))
            return [answer.json()["status"] for answer in await asyncio.gather(*calls)]

    assert sorted(asyncio.run(together())) == ["published"] + ["rejected"] * 5
