"""Items that arrive together."""

import asyncio
import time
from typing import Any

import httpx

Archive = dict[str, dict[str, Any]]


async def _together(server: Any, items: list[dict[str, Any]]) -> list[httpx.Response]:
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
        return await asyncio.gather(*(client.post("/v1/items", json=item) for item in items))


def test_of_copies_that_arrive_together_one_is_published(server: Any, archive: Archive) -> None:
    story = archive["housing-report"]
    copies = [story | {"id": f"together-{number}", "url": f"https://x.example/{number}"} for number in range(6)]
    answers = asyncio.run(_together(server, copies))
    statuses = [answer.json()["status"] for answer in answers]
    assert sorted(statuses) == ["published"] + ["rejected"] * 5
    winner = answers[statuses.index("published")].json()["id"]
    for answer in answers:
        if answer.json()["status"] == "rejected":
            assert winner in [match["id"] for match in answer.json()["verdict"]["matches"]]


def test_an_item_that_arrives_twice_at_once_is_stored_once(server: Any, archive: Archive) -> None:
    answers = asyncio.run(_together(server, [archive["fr-festival"]] * 4))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.text for answer in answers}) == 1


def test_health_is_answered_while_items_are_examined(server: Any, archive: Archive) -> None:
    async def share() -> float:
        async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
            items = [archive["feature-bakery"]] * 40
            begun = time.perf_counter()
            checks = asyncio.gather(*(client.post("/v1/check", json=item) for item in items))
            taken = []
            while not checks.done():
                started = time.perf_counter()
                assert (await client.get("/livez")).status_code == 200
                taken.append(time.perf_counter() - started)
                await asyncio.sleep(0.01)
            assert {answer.status_code for answer in await checks} == {200}
            return sorted(taken)[len(taken) // 2] / (time.perf_counter() - begun)

    assert asyncio.run(share()) < 0.25  # of the time that all of them took, on whatever machine


def test_ready_tells_of_each_part(server: Any) -> None:
    answer = httpx.get(f"{server.url}/readyz")
    assert answer.json()["status"] == "ok"
    assert {"store", "workers"} <= answer.json()["checks"].keys()
    assert set(answer.json()["checks"].values()) == {"ok"}
