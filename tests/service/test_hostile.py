"""Pages made to hang a parser get a verdict, and the next item is served."""

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

STORY = "<p>The harbour office at Aldwick opened at 9 am on Monday, and closes at five.</p>"
HOSTILE = {
    "deep": "<div>" * 100_000 + STORY,
    "attributes": f"<div {' '.join(f'a{n}=1' for n in range(50_000))}>{STORY}</div>",
    "comments": STORY + "<!--" * 100_000,
    "options": STORY + "<option>" * 50_000,
    "anchors": STORY + "<a href=x>" * 20_000,
    "entities": STORY + "&amp;" * 200_000,
    "laughs": '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><p>&b;</p>' + STORY,
    "one line": "x" * 3_000_000,
    "zero width": "\u200b" * 500_000 + STORY,
}


@pytest.mark.parametrize("attack", HOSTILE)
def test_a_hostile_page_gets_a_verdict_in_time(client: httpx.Client, attack: str) -> None:
    started = time.perf_counter()
    answer = client.post("/v1/check?html=true", json={"id": attack, "body": HOSTILE[attack]})
    assert answer.status_code == 200
    assert time.perf_counter() - started < 20
    assert client.get("/readyz").json()["status"] == "ok"


@pytest.mark.skipif(sys.platform != "linux", reason="finds the worker in /proc")
def test_an_item_that_hangs_is_held_as_unreadable_and_the_next_one_is_judged(
    start_server: Any, tmp_path: Path, archive: dict[str, dict[str, Any]]
) -> None:
    server = start_server(tmp_path / "items.db", examine_seconds="3")
    os.kill(_worker(server.process.pid), signal.SIGSTOP)
    with server.client() as client:
        hung = client.post("/v1/items", json=archive["ferry-fire"])
        assert (hung.status_code, hung.json()["status"]) == (201, "held")
        assert [reason["code"] for reason in hung.json()["verdict"]["reasons"]] == ["unreadable"]
        assert client.post("/v1/items", json=archive["business-cannery"]).json()["status"] == "published"


def _worker(server: int) -> int:
    children = Path(f"/proc/{server}/task").glob("*/children")
    pids = [pid for listed in children for pid in listed.read_text().split()]
    (worker,) = (pid for pid in pids if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes())
    return int(worker)
