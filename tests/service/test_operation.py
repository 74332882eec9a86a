"""Running it: policies that change, a policy on trial, replay, feeds in, metrics, a stop that finishes its work."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner

from detector import read_policy
from detector.cli import app as command_line
from service.client import Client, ServiceProblemError
from service.editor_messages import DecisionIn, PairIn
from service.feed_documents import item_urn

BRIDGE = "The swing bridge at Aldwick closed on Monday for 9 days; its bearings cost 81,000 crowns, said Ida Moss."


def _copytaster(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("copytaster")
    given = os.environ | environment
    return subprocess.run([command, *arguments], capture_output=True, text=True, check=False, env=given)  # noqa: S603


def _until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture(scope="module")
def service(guarded: Any) -> Iterator[Client]:
    with guarded.everything() as client:
        yield client


def test_a_policy_that_changes_decides_the_next_item_and_a_wrong_one_changes_nothing(
    guarded: Any, service: Client
) -> None:
    first = read_policy(guarded.policy).digest
    assert service.check({"id": "a", "body": BRIDGE}).policy == first
    guarded.policy.write_text("duplicate_score = 0.81\n")
    second = read_policy(guarded.policy).digest
    _until(lambda: service.check({"id": "a", "body": BRIDGE}).policy == second)
    guarded.policy.write_text("duplicate_score = 81\n")
    _until(lambda: "Policy.duplicate_score is 81" in httpx.get(f"{guarded.url}/readyz").json()["checks"]["policy"])
    ready = httpx.get(f"{guarded.url}/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ok")
    assert service.check({"id": "a", "body": BRIDGE}).policy == second
    guarded.policy.write_text("duplicate_score = 0.8\n")
    _until(lambda: httpx.get(f"{guarded.url}/readyz").json()["checks"]["policy"] == "ok")


def test_a_policy_on_trial_is_recorded_and_decides_nothing(guarded: Any, service: Client) -> None:
    """The one on trial would reject every item for its quality score."""
    stored = service.admit({"id": "on-trial", "body": BRIDGE, "source": "trial"})
    assert stored.status == "published"
    done = _copytaster("replay", "--shadow", "--json", "--days", "1", "--database", str(guarded.database))
    told = json.loads(done.stdout)
    assert told["policy"] == read_policy(guarded.shadow).digest
    (change,) = (change for change in told["changes"] if change["id"] == "on-trial")
    assert (change["action"], change["would_be"]) == ("publish", "reject")


def test_a_trial_is_told_of_the_policy_that_is_on_trial_alone(guarded: Any, service: Client) -> None:
    before = guarded.shadow.read_text()
    guarded.shadow.write_text(before + "duplicate_score = 0.91\n")
    digest, number = read_policy(guarded.shadow).digest, iter(range(1000))

    def told() -> dict[str, Any]:
        name = f"trial-{next(number)}"
        service.admit({"id": name, "body": BRIDGE.replace("81,000", name), "source": "trial"})
        done = _copytaster("replay", "--shadow", "--json", "--days", "1", "--database", str(guarded.database))
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    service.admit({"id": "tried-before", "body": BRIDGE.replace("bridge", "sluice"), "source": "trial"})
    _until(lambda: told()["policy"] == digest)
    found = told()
    guarded.shadow.write_text(before)
    assert "tried-before" not in {change["id"] for change in found["changes"]}
    assert found["items"] <= next(number)


def test_replay_shows_what_another_policy_would_have_decided(guarded: Any, service: Client, tmp_path: Path) -> None:
    story = BRIDGE.replace("bridge", "gate").replace("9 days", "11 days")
    service.admit({"id": "gate", "body": story, "source": "one"})
    copy = service.admit({"id": "gate-copy", "body": story, "source": "two"})
    assert copy.status == "rejected"
    same, other = tmp_path / "same.toml", tmp_path / "other.toml"
    same.write_text("duplicate_score = 0.8\n")
    other.write_text('[[rules]]\nsource = "two"\nreject_score = 0.0\n')
    database = ("--database", str(guarded.database), "--json")
    unchanged = json.loads(_copytaster("replay", "--policy", str(same), *database).stdout)
    assert unchanged["items"] >= 2
    assert unchanged["changes"] == [], "what is stored of an item decides as the item did"
    limited = json.loads(_copytaster("replay", "--policy", str(same), "--days", "0", *database).stdout)
    assert limited["items"] == 0
    shown = _copytaster("replay", "--policy", str(other), "--database", str(guarded.database))
    assert shown.returncode == 0, shown.stderr
    assert "decided" in shown.stdout
    wrong = _copytaster("replay", "--policy", str(tmp_path / "absent.toml"), *database)
    assert (wrong.returncode, "cannot be read" in wrong.stderr) == (1, True)


def test_replay_sees_what_follows_from_a_decision(guarded: Any, service: Client, tmp_path: Path) -> None:
    """Where the first of two copies is rejected too, the second has nothing left to be a copy of."""
    strict = tmp_path / "strict.toml"
    strict.write_text('[[rules]]\nsource = "harsh"\nreject_score = 0.0\n')
    story = BRIDGE.replace("bridge", "crane").replace("81,000", "17,500")
    service.admit({"id": "crane", "body": story, "source": "harsh"})
    assert service.admit({"id": "crane-copy", "body": story, "source": "mild"}).status == "rejected"
    arguments = ("replay", "--policy", str(strict), "--json", "--database", str(guarded.database))
    changes = {change["id"]: change["would_be"] for change in json.loads(_copytaster(*arguments).stdout)["changes"]}
    assert changes["crane"] == "reject"
    assert changes["crane-copy"] != "reject"


def test_replay_honours_what_editors_had_said_by_then(guarded: Any, service: Client, tmp_path: Path) -> None:
    """By the policy that decided, nothing is decided otherwise: pins, retractions and decisions counted then too."""
    story = "The water tower of Ellory lost 3 tiles in Sunday's gale; a new roof comes to 26,400 crowns, said Jon Bly."

    def admit(name: str, body: str = story, **more: str) -> str:
        return service.admit({"id": name, "body": body, "source": "tower", **more}).status

    assert [admit("tower-1"), admit("tower-2")] == ["published", "rejected"]
    pair = PairIn(item_id="tower-1", relation="different")
    service.decide(DecisionIn(item_id="tower-2", decision="publish", why="another tower", pairs=[pair]))
    assert (
        service.supersede({"id": "tower-2", "body": story + " It is brown.", "source": "tower"}).status == "published"
    )
    service.retract("tower-1", why="the sum was wrong")
    assert admit("tower-3") == "rejected", "a copy of the one that an editor published"
    service.decide(DecisionIn(item_id="tower-2", decision="reject", why="it was the same after all"))
    assert admit("tower-4") == "held", "a copy of the one that was retracted, and of nothing else"
    same = tmp_path / "same.toml"
    same.write_text("duplicate_score = 0.8\n")
    told = json.loads(
        _copytaster("replay", "--policy", str(same), "--database", str(guarded.database), "--json").stdout
    )
    assert [change for change in told["changes"] if change["source"] == "tower"] == []
    other = tmp_path / "other.toml"
    other.write_text('[[rules]]\nsource = "tower"\nreject_score = 0.0\n')
    told = json.loads(
        _copytaster("replay", "--policy", str(other), "--database", str(guarded.database), "--json").stdout
    )
    assert {change["id"] for change in told["changes"]} >= {"tower-1", "tower-2", "tower-4"}


RSS = """<rss version="2.0"><channel><title>Ellory Today</title><link>https://ellory.example/</link>
<item><guid>2</guid><title>Ferry late</title><description>The 9 am ferry from Aldwick left 40 minutes late on
Monday after a chain broke, said its master, Tom Reed.</description></item>
<item><guid>1</guid><title>Mast down</title><description>A mast of 14 metres fell on the quay at Aldwick on Sunday;
nobody was hurt, said the harbour master, Eve Hall.</description></item>
</channel></rss>"""


@contextmanager
def _feed() -> Iterator[tuple[str, list[str | None]]]:
    """A feed's address, and the If-None-Match of each request that came."""
    asked: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers.get("If-None-Match"))
            known = asked[-1] == '"v1"'
            body = b"" if known else RSS.encode()
            self.send_response(304 if known else 200)
            self.send_header("ETag", '"v1"')
            self.send_header("Content-Type", "application/rss+xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/feed.xml", asked
        server.shutdown()


def _ingest(guarded: Any, tmp_path: Path, *arguments: str, key: str = "write") -> tuple[int, Any, str]:
    state = str(tmp_path / "state.json")
    environment = {"COPYTASTER_SERVICE": guarded.url, "COPYTASTER_KEY": guarded.tokens[key]}
    done = CliRunner().invoke(command_line, ["ingest", "--json", "--state", state, *arguments], env=environment)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return done.exit_code, lines[0] if lines else None, done.output


def test_a_feed_comes_in_once_and_what_changes_in_it_is_a_new_version(
    guarded: Any, service: Client, tmp_path: Path
) -> None:
    file = tmp_path / "feed.xml"
    file.write_text(RSS)
    assert _ingest(guarded, tmp_path, str(file))[1]["items"] == {"published": 2}
    assert service.item("ellory.example:1").title == "Mast down"
    assert _ingest(guarded, tmp_path, str(file))[1]["items"] == {"known": 2}
    file.write_text(RSS.replace("14 metres", "15 metres"))
    assert _ingest(guarded, tmp_path, str(file))[1]["items"] == {"known": 1, "updated, published": 1}
    assert service.item("ellory.example:1").version == "2"


def test_an_address_is_asked_only_for_what_is_new(guarded: Any, tmp_path: Path) -> None:
    with _feed() as (url, asked):
        code, outcome, _ = _ingest(guarded, tmp_path, url)
        assert (code, outcome["faults"][0].endswith("not an address of the open internet")) == (3, True)
        assert asked == []
        assert _ingest(guarded, tmp_path, "--allow-private", url)[1]["faults"] == []
        assert _ingest(guarded, tmp_path, "--allow-private", url)[1]["items"] == {"unchanged": 1}
        assert asked == [None, '"v1"']
        elsewhere = guarded.url.replace("127.0.0.1", "localhost")
        told = _ingest(guarded, tmp_path, "--allow-private", "--service", elsewhere, url)[1]
        assert told["items"] == {"known": 2}, "what one service has read says nothing of another"
        other = _ingest(guarded, tmp_path, "--allow-private", "--source", "Ellory", url)[1]
        assert "unchanged" not in other["items"], "nor of the items under another name"


def test_a_key_that_may_not_store_is_named_and_nothing_is_kept_of_the_feed(guarded: Any, tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_text(RSS)
    code, outcome, _ = _ingest(guarded, tmp_path, str(file), key="check")
    assert code == 3
    assert "403 forbidden" in outcome["faults"][0]


def test_a_state_that_cannot_be_read_or_written_is_a_fault_of_the_feed(guarded: Any, tmp_path: Path) -> None:
    with _feed() as (url, asked):
        for wrong in ("{half", "[]"):
            (tmp_path / "state.json").write_text(wrong)
            code, outcome, _ = _ingest(guarded, tmp_path, "--allow-private", url)
            assert (code, outcome["faults"][0].partition(" is not ")[2][:22]) == (3, "what this command wrot")
        assert asked == []
        (tmp_path / "state.json").unlink()
        (tmp_path / "state.json.new").mkdir()  # as good as a full disk
        code, outcome, _ = _ingest(guarded, tmp_path, "--allow-private", url)
        assert (code, len(outcome["faults"]), asked) == (3, 1, [None])
        assert not (tmp_path / "state.json").exists()


def test_people_get_a_table_and_what_went_wrong_beside_it(guarded: Any, tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_text(RSS.replace("ellory.example", "table.example"))
    environment = {"COPYTASTER_SERVICE": guarded.url, "COPYTASTER_KEY": guarded.tokens["write"], "COLUMNS": "200"}
    arguments = ["ingest", "--state", str(tmp_path / "state.json"), str(file), str(tmp_path / "none.xml")]
    done = CliRunner().invoke(command_line, arguments, env=environment)
    assert done.exit_code == 3, "one of the two was not read"
    (row,) = (line for line in done.stdout.splitlines() if "feed.xml" in line)
    assert sum(map(int, re.findall(r"│\s+(\d+) │", row))) == 2, row
    assert "none.xml: " in done.stderr
    assert "No such file" in done.stderr


def test_metrics_are_counted_with_labels_from_fixed_sets(guarded: Any, service: Client) -> None:
    service.admit({"id": "counted", "body": BRIDGE.replace("bridge", "pier"), "source": "counted-source"})
    with guarded.as_("admin") as admin:
        text = admin.get("/metrics").text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    stored = [s for s in families["copytaster_verdicts"].samples if s.labels.get("status") == "published"]
    assert sum(sample.value for sample in stored) >= 1
    routes = {sample.labels["route"] for sample in families["copytaster_http_requests"].samples}
    assert {"/v1/check", "/v1/items", "/readyz"} <= routes
    assert families["copytaster_workers"].samples[0].value == 1
    assert {s.labels["state"] for s in families["copytaster_webhook_backlog"].samples} == {"waiting", "dead"}
    for secret in ("counted-source", 'counted"', "on-trial"):
        assert secret not in text


def test_the_client_gives_types_and_problems(guarded: Any, service: Client) -> None:
    stored = service.admit({"id": "typed", "body": BRIDGE.replace("bridge", "lock").replace("9 days", "3 days")})
    assert service.item("typed").verdict.text_digest == stored.verdict.text_digest
    assert "typed" in [item.id for item in service.items()]
    with pytest.raises(ServiceProblemError, match="404 not-found") as missing:
        service.item("never stored")
    assert missing.value.name == "not-found"
    with pytest.raises(ServiceProblemError) as wrong:
        service.check({"id": ""})
    assert wrong.value.status == 422
    assert {fault["pointer"] for fault in wrong.value.errors} == {"#/id", "#/body"}
    with Client(guarded.url, "ct_wrong") as stranger, pytest.raises(ServiceProblemError, match="401 unauthorized"):
        stranger.check({"id": "a", "body": BRIDGE})


def test_the_client_sends_batches_and_editors_words(service: Client) -> None:
    told = [f"The {n} o'clock tram from Aldwick ran {n * 7} minutes late on Sunday, said its driver." for n in (3, 8)]
    job = service.batch({"id": f"tram-{n}", "body": text} for n, text in enumerate(told))
    _until(lambda: service.job(job.id).state == "done")
    assert service.job(job.id).done == 2
    held = service.decide(DecisionIn(item_id="tram-0", decision="review", why="to be called back"))
    assert (held.item.status, held.decision.who) == ("held", "admin")
    assert service.story("tram-1").members[0].id == "tram-1"
    assert service.matches("tram-1").id == "tram-1"


def test_what_leaves_a_feed_has_a_tombstone_and_pages_lead_to_the_first_item(guarded: Any, service: Client) -> None:
    for number, place in enumerate(("quay", "mole", "dock", "weir", "slip")):
        body = f"The {place} at Aldwick was closed on Monday after {number + 3} of its piles broke, said Eve Hall."
        service.admit({"id": place, "body": body, "source": "tombs"})
        service.decide(DecisionIn(item_id=place, decision="publish", why="alike, and no copies"))
    service.retract("mole", why="wrong quay")
    service.delete("weir")
    with guarded.as_("check") as reader:
        page = reader.get("/feed.json?source=tombs").json()
        assert [item["id"] for item in page["items"]] == ["slip", "dock", "quay"]
        assert page["_copytaster"]["removed"][0]["id"] == "mole"
        everything = reader.get("/feed.atom").text
        assert all(item_urn(name) in everything for name in ("mole", "weir"))
        seen, address = [], "/feed.json"
        while address:
            page = reader.get(address).json()
            seen += [item["id"] for item in page["items"]]
            address = page.get("next_url", "").removeprefix(guarded.url)
    published = {item.id for item in service.items(status="published")}
    assert len(seen) == len(set(seen))
    assert set(seen) == published


def test_what_leaves_a_feed_at_once_has_a_tombstone_each_also_when_it_is_more_than_a_page(
    guarded: Any, service: Client
) -> None:
    names = [f"left-{place}" for place in ("east", "west", "north", "south", "inner")]  # a page has 3
    for number, name in enumerate(names):
        service.admit(
            {"id": name, "body": f"The {name} gate shut {number + 5} minutes late on Monday.", "source": "all"}
        )
        service.decide(DecisionIn(item_id=name, decision="publish", why="alike, and no copies"))
    for name in names:
        service.retract(name, why="wrong quay")
    with guarded.as_("check") as reader:
        page = reader.get("/feed.json?source=all").json()
    assert {gone["id"] for gone in page["_copytaster"]["removed"]} == set(names)


def test_the_client_takes_a_pin_back(service: Client) -> None:
    for name in ("pin-a", "pin-b"):
        service.admit(
            {"id": name, "body": f"The {name} at Aldwick was oiled on Monday, said Eve Hall.", "source": "pins"}
        )
    for relation in ("different", None):
        pair = PairIn(item_id="pin-b", relation=relation)
        told = service.decide(DecisionIn(item_id="pin-a", decision="publish", pairs=[pair]))
        assert told.item.status == "published"


class _Deaf(httpx.HTTPTransport):
    """Its first request is heard, and its answer lost."""

    heard = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        self.heard += 1
        if self.heard == 1:
            raise httpx.ReadError("the line went dead")
        return answer


def test_what_was_heard_but_not_answered_is_not_done_twice(guarded: Any, service: Client) -> None:
    line = {"id": "once", "body": "The crane at Aldwick lifted 40 tons on Monday, said its driver, Eve Hall."}
    with Client(guarded.url, guarded.tokens["admin"], transport=_Deaf()) as client:
        job = client.batch([line])
    _until(lambda: service.job(job.id).state == "done")
    result = json.loads(service.call("GET", f"/v1/jobs/{job.id}/results").text)
    assert result["new"], "it is the job of the first time"
    with Client(guarded.url, guarded.tokens["admin"], transport=_Deaf()) as client:
        client.delete("once")
    with pytest.raises(ServiceProblemError, match="404 not-found"):
        service.delete("once")


def test_the_client_says_where_another_address_sends_it() -> None:
    moved = httpx.Response(308, headers={"Location": "https://x.example/"})
    with (
        Client("http://x.example", transport=httpx.MockTransport(lambda _request: moved)) as client,
        pytest.raises(ServiceProblemError, match=r"308 unknown: it names https://x\.example/"),
    ):
        client.check({"id": "a", "body": BRIDGE})


def test_the_client_waits_for_the_answer_of_a_request_that_is_being_answered() -> None:
    problem = {"type": "urn:copytaster:problem:idempotency-in-flight", "detail": "wait"}
    answers = iter([httpx.Response(409, json=problem, headers={"Retry-After": "0"}), httpx.Response(204)])
    with Client("http://x", transport=httpx.MockTransport(lambda _request: next(answers))) as client:
        assert client.call("POST", "/v1/items", once=True).status_code == 204


def test_the_client_waits_as_long_as_it_is_asked_to_and_asks_again() -> None:
    answers = iter([
        httpx.Response(503, headers={"Retry-After": "0"}),
        httpx.Response(429, headers={"Retry-After": "0"}),
        httpx.Response(200, json={"items": [], "next": None}),
    ])  # fmt: skip
    with Client("http://x", transport=httpx.MockTransport(lambda _request: next(answers))) as client:
        assert list(client.items()) == []


def test_a_stop_answers_what_was_asked_first(start_server: Any, tmp_path: Path, archive: Any) -> None:
    server = start_server(tmp_path / "items.db")
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda n=n: answers.append(_post(server.url, n, archive["ferry-fire"])), daemon=True)
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    _until(lambda: len(answers) > 0)  # one is answered, and seven more are being answered
    assert server.stop() in (0, -signal.SIGTERM)  # uvicorn ends by the signal that it was stopped with
    for thread in threads:
        thread.join(20)
    assert set(answers) <= {200, 0}, "answered, or never taken: nothing in between"
    assert 200 in answers


def _post(url: str, number: int, item: dict[str, Any]) -> int:
    try:
        return httpx.post(f"{url}/v1/check", json={**item, "id": str(number)}, timeout=30).status_code
    except httpx.TransportError:
        return 0


def test_a_service_that_others_reach_does_not_start_without_a_key(tmp_path: Path) -> None:
    database = str(tmp_path / "items.db")
    refused = CliRunner().invoke(command_line, ["serve", "--host", "0.0.0.0", "--database", database])  # noqa: S104
    assert refused.exit_code == 1
    assert "there is no key yet; make one with copytaster keys create" in refused.output
    wrong = CliRunner().invoke(
        command_line, ["serve", "--database", database, "--policy", str(tmp_path / "absent.toml")]
    )
    assert wrong.exit_code == 1
    assert "cannot be read" in wrong.output
