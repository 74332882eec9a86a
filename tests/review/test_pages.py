"""Who may look and decide, what a form must carry, and what each decision leaves behind; over a socket."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

import feedparser
import httpx
import pytest

from service.store import Store, decisions, items
from tests.conftest import Server
from tests.review.conftest import HOLD_ALL, PASSWORDS, Desk, story

PAGE = """<html><head><title>Pier 9 closes</title></head><body><nav><a href=/>Home</a> <a href=/news>News</a></nav>
<article><h1>Pier 9 closes</h1><p>Pier 9 at Aldwick closes on Monday for 14 weeks, harbour master Ines Adler said.</p>
<p>The repairs cost 640,000 crowns, of which the county pays 410,000.</p>
<p>Share this article</p></article><footer>Imprint</footer></body></html>"""


@pytest.fixture
def visitor(desk: Desk) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=desk.url, timeout=60, follow_redirects=True) as client:
        yield client


def _csrf(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page.text)
    assert found, page.text
    return found[1]


def _form(client: httpx.Client, item: str) -> dict[str, str]:
    page = client.get("/review/item", params={"id": item})
    seen = re.search(r'name="seen" value="([^"]+)"', page.text)
    assert seen
    return {"csrf": _csrf(page), "item": item, "seen": seen[1].replace("&#34;", '"'), "list": ""}


def _sign_in(client: httpx.Client, name: str) -> httpx.Response:
    form = {"csrf": _csrf(client.get("/review/sign-in")), "name": name, "password": PASSWORDS[name], "next": "/review"}
    return client.post("/review/sign-in", data=form)


def test_a_decision_changes_the_item_and_stands_in_the_audit(desk: Desk, visitor: httpx.Client) -> None:
    desk.hold("audit-1", story(901))
    answer = visitor.post(
        "/review/decide", data=_form(visitor, "audit-1") | {"action": "publish", "note": "called the mayor"}
    )
    assert answer.status_code == 200
    assert desk.status("audit-1") == "published"
    assert "called the mayor" in visitor.get("/review/decisions").text


def test_an_undo_puts_the_item_back(desk: Desk, visitor: httpx.Client) -> None:
    desk.hold("undo-1", story(902))
    done = visitor.post("/review/decide", data=_form(visitor, "undo-1") | {"action": "reject"})
    assert desk.status("undo-1") == "rejected"
    number = re.search(r'name="decisions" value="(\d+)"', done.text)
    assert number
    visitor.post("/review/undo", data={"csrf": _csrf(done), "decisions": number[1]})
    assert desk.status("undo-1") == "held"


def test_an_item_that_changed_meanwhile_is_not_decided_and_the_note_is_kept(desk: Desk, visitor: httpx.Client) -> None:
    desk.hold("stale-1", story(903))
    form = _form(visitor, "stale-1")
    visitor.post("/review/decide", data=form | {"action": "reject"})
    late = visitor.post("/review/decide", data=form | {"action": "publish", "note": "words that took a while"})
    assert late.status_code == 412
    assert "words that took a while" in late.text
    assert desk.status("stale-1") == "rejected"


@pytest.mark.parametrize("token", ["", "0" * 64])
def test_a_form_without_our_token_changes_nothing(desk: Desk, visitor: httpx.Client, token: str) -> None:
    item = f"forged-{len(token)}"
    desk.hold(item, story(904 + len(token)))
    answer = visitor.post("/review/decide", data=_form(visitor, item) | {"action": "publish", "csrf": token})
    assert answer.status_code == 403
    assert desk.status(item) == "held"


def test_a_form_that_another_site_sent_changes_nothing(desk: Desk, visitor: httpx.Client) -> None:
    desk.hold("cross-1", story(906))
    form = _form(visitor, "cross-1") | {"action": "publish"}
    answer = visitor.post("/review/decide", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert desk.status("cross-1") == "held"


def test_a_sentence_that_is_no_filler_becomes_a_label_for_training(desk: Desk, visitor: httpx.Client) -> None:
    text = story(907)
    desk.hold("label-1", text)
    end = text.index(". ") + 1
    visitor.post("/review/label", data=_form(visitor, "label-1") | {"label": f"0:{end}:informative"})
    visitor.post("/review/decide", data=_form(visitor, "label-1") | {"action": "publish"})
    rows = [json.loads(line) for line in visitor.get("/review/decisions.jsonl").text.splitlines()]
    (mine,) = (row for row in rows if row["id"] == "label-1")
    assert mine["decision"] == "publish"
    assert mine["sentences"] == [{"text": text[:end], "label": "informative"}]


def test_a_piece_that_was_taken_off_can_be_given_back(desk: Desk, visitor: httpx.Client) -> None:
    desk.hold("piece-1", PAGE)
    before = httpx.get(f"{desk.url}/v1/items/piece-1").json()["verdict"]["cleaned"]
    place = next(at for at, piece in enumerate(before["dropped"]) if "Share this article" in piece["text"])
    visitor.post("/review/give-back", data=_form(visitor, "piece-1") | {"piece": str(place)})
    after = httpx.get(f"{desk.url}/v1/items/piece-1?html=true").json()["verdict"]["cleaned"]
    assert after["text"] == before["text"] + "\n\nShare this article"
    assert "<p>Share this article</p>" in after["html"]
    assert len(after["dropped"]) == len(before["dropped"]) - 1


def test_a_pair_that_was_pinned_as_different_no_longer_counts(desk: Desk, visitor: httpx.Client) -> None:
    text = story(908)
    desk.hold("pair-1", text)
    visitor.post("/review/decide", data=_form(visitor, "pair-1") | {"action": "publish"})
    copied = httpx.post(f"{desk.url}/v1/items", json={"id": "pair-2", "body": text}, timeout=60).json()
    assert copied["status"] == "rejected"
    assert copied["verdict"]["matches"][0]["id"] == "pair-1"
    visitor.post("/review/pin", data=_form(visitor, "pair-2") | {"of": "pair-1", "relation": "different"})
    again = httpx.post(f"{desk.url}/v1/check", json={"id": "pair-2", "body": text}, timeout=60).json()
    assert again["action"] == "review"  # as everything is at this desk
    assert "duplicate" not in {reason["code"] for reason in again["reasons"]}


def test_many_items_are_decided_only_after_the_count_was_confirmed(desk: Desk, visitor: httpx.Client) -> None:
    ids = ["bulk-1", "bulk-2", "bulk-3"]
    for at, item in enumerate(ids):
        desk.hold(item, story(920 + at))
    form = {"csrf": _csrf(visitor.get("/review")), "action": "reject", "item": ids}
    asked = visitor.post("/review/bulk", data=form)
    assert "Reject 3 items?" in asked.text
    assert {desk.status(item) for item in ids} == {"held"}
    visitor.post("/review/bulk", data=form | {"confirmed": "3"})
    assert {desk.status(item) for item in ids} == {"rejected"}


def test_the_queue_is_filtered_searched_and_sorted(desk: Desk, visitor: httpx.Client) -> None:
    desk.hold(
        "find-1",
        "A narwhal came into the harbour of Brack on Tuesday; 300 people saw it.",
        source="brack-sun",
        language="en",
    )
    assert "find-1" in visitor.get("/review", params={"q": "narwh"}).text
    assert "find-1" in visitor.get("/review", params={"source": "brack-sun"}).text
    assert "find-1" not in visitor.get("/review", params={"q": "narwhal", "source": "another"}).text
    for order in ("newest", "oldest", "riskiest"):
        assert visitor.get("/review", params={"order": order}).status_code == 200


def test_a_filter_is_a_feed(desk: Desk, visitor: httpx.Client) -> None:
    desk.hold("feed-1", story(930), source="feed-source")
    read = feedparser.parse(visitor.get("/review/feed.atom", params={"source": "feed-source"}).content)
    assert not read.bozo
    assert [entry.link.rpartition("id=")[2] for entry in read.entries] == ["feed-1"]


def test_overview_and_thresholds_count_what_was_decided(desk: Desk, visitor: httpx.Client) -> None:
    desk.hold("count-1", story(940), source="counted")
    visitor.post("/review/decide", data=_form(visitor, "count-1") | {"action": "publish"})
    assert "counted" in visitor.get("/review/overview").text
    advisor = visitor.get("/review/advisor", params={"hold": "0.3", "reject": "0.9"})
    assert "decided by a person" in advisor.text
    tried = visitor.post("/review/advisor", data={"csrf": _csrf(advisor), "hold": "0.3", "reject": "0.9"})
    assert tried.status_code == 200
    assert "review_score = 0.3" in desk.server.database.with_name("shadow.toml").read_text()


@pytest.mark.parametrize(
    "path", ["/review", "/review/overview", "/review/decisions", "/review/item?id=a", "/review/feed.atom"]
)
def test_nobody_looks_without_signing_in(staffed: Desk, path: str) -> None:
    answer = httpx.get(f"{staffed.url}{path}")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/review/sign-in?next=")


def test_a_session_is_new_at_every_sign_in_and_no_script_can_read_it(staffed: Desk) -> None:
    with httpx.Client(base_url=staffed.url, timeout=60) as client:
        client.get("/review/sign-in")
        before = client.cookies["copytaster_session"]
        opened = _sign_in(client, "Ann Reed")
        cookie = opened.headers["set-cookie"]
        assert client.cookies["copytaster_session"] != before
        assert {"HttpOnly", "SameSite=strict", "Path=/review"} <= {part.strip() for part in cookie.split(";")}
        assert client.get("/review").status_code == 200


def test_a_session_that_was_ended_opens_nothing(staffed: Desk) -> None:
    with httpx.Client(base_url=staffed.url, timeout=60) as client:
        _sign_in(client, "Ann Reed")
        token = client.cookies["copytaster_session"]
        client.post("/review/sign-out", data={"csrf": _csrf(client.get("/review"))})
        assert httpx.get(f"{staffed.url}/review", cookies={"copytaster_session": token}).status_code == 303


@pytest.mark.parametrize(
    ("name", "password"), [("Ann Reed", "wrong-password-00"), ("Nobody", "wrong-password-00"), ("", "ct_nokey")]
)
def test_a_wrong_password_opens_nothing(staffed: Desk, name: str, password: str) -> None:
    with httpx.Client(base_url=staffed.url, timeout=60) as client:
        form = {"csrf": _csrf(client.get("/review/sign-in")), "name": name, "password": password}
        assert client.post("/review/sign-in", data=form).status_code in (401, 429)
        assert client.get("/review").status_code == 303


@pytest.mark.parametrize("after", ["https://evil.example/", "//evil.example/review", "/\\evil.example", "/v1/items"])
def test_signing_in_leads_nowhere_else(staffed: Desk, after: str) -> None:
    page = httpx.get(f"{staffed.url}/review/sign-in", params={"next": after})
    assert 'name="next" value="/review"' in page.text


def test_a_reviewer_changes_no_policy(staffed: Desk) -> None:
    with httpx.Client(base_url=staffed.url, timeout=60, follow_redirects=True) as client:
        _sign_in(client, "Ben Holt")
        form = {"csrf": _csrf(client.get("/review")), "hold": "0.1", "reject": "0.2"}
        assert client.post("/review/advisor", data=form).status_code == 403


def test_every_page_forbids_what_is_not_ours(desk: Desk, visitor: httpx.Client) -> None:
    for path in ("/review", "/review/overview", "/review/decisions", "/review/sign-in", "/review/item?id=none"):
        headers = visitor.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_a_page_that_is_not_there_says_so_for_people(visitor: httpx.Client) -> None:
    answer = visitor.get("/review/item", params={"id": "never-sent"})
    assert answer.status_code == 404
    assert "no item has the id" in answer.text
    assert answer.headers["content-type"].startswith("text/html")


def test_a_decision_that_the_server_did_not_live_to_answer_is_whole_or_not_there(tmp_path: Path) -> None:
    """Killed between click and answer, five times: the item's status and the audit say the same afterwards."""
    database, policy = tmp_path / "items.db", tmp_path / "policy.toml"
    policy.write_text(HOLD_ALL)
    desk = Desk(Server(database, policy=str(policy)))
    for number in range(5):
        desk.hold(f"kill-{number}", story(950 + number))
    for number in range(5):
        with httpx.Client(base_url=desk.url, timeout=60) as client:
            form = _form(client, f"kill-{number}") | {"action": "publish"}
            clicked = Thread(target=_click, args=(client, form))
            clicked.start()
            time.sleep(0.004 * number)
            desk.server.kill()
            clicked.join()
        store = Store.open(database)
        item = store.read(items.find, f"kill-{number}")
        told = store.read(decisions.page, item_id=f"kill-{number}")
        store.close()
        assert item is not None
        assert (item.status == "published") == (len(told) == 1)
        if number < 4:
            desk = Desk(Server(database, policy=str(policy)))


def _click(client: httpx.Client, form: dict[str, str]) -> None:
    with suppress(httpx.TransportError):
        client.post("/review/decide", data=form)
