"""Load that remembers what it was answered, and an audit that holds the service to it."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import quote

import httpx
from sqlalchemy import func, select

from detector import Sketching
from service.store import Store, checks, making
from service.tables import items, job_lines, outbox, sketches, versions
from service.tables import jobs as jobs_table

PATIENCE = 30.0  # seconds for one answer; a request that takes longer hangs
_FINE = (200, 201, 202)
_REASONS = ("store-unavailable", "overloaded", "idempotency-in-flight")  # of an answer that may come instead
_SYLLABLES = [a + b + c for a in "bdfgklmnprst" for b in "aeiou" for c in ("", "l", "n", "r", "st")]
_BATCH = 12


class Told:
    """A webhook's receiver: the ids of the events that came, and how often."""

    def __init__(self) -> None:
        self.events: Counter[str] = Counter()
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                told.events[self.headers["webhook-id"]] += 1
                self.send_response(204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/told"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Acknowledged:
    """An item as it was answered last."""

    request: dict[str, Any]
    status: str
    version: int = 1
    copy_of: str | None = None
    reasons: list[str] = field(default_factory=list)


@dataclass
class Ledger:
    """What was answered, to all threads together."""

    items: dict[str, Acknowledged] = field(default_factory=dict)
    batches: list[str] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0
    lock: Lock = field(default_factory=Lock)

    def note(self, answer: httpx.Response, seconds: float, what: str) -> None:
        """Count an answer; one that is neither fine nor a 503 with a reason is wrong."""
        name = str(answer.status_code)
        if answer.status_code not in _FINE:
            problem = answer.json() if "problem+json" in answer.headers.get("content-type", "") else {}
            kind = problem.get("type", "no problem").rpartition(":")[2]
            name = f"{answer.status_code} {kind}"
            if kind not in _REASONS or (answer.status_code == 503 and "retry-after" not in answer.headers):
                self.wrong.append(f"{what}: {answer.status_code} {answer.text[:300]}")
        with self.lock:
            self.statuses[name] += 1
            self.slowest = max(self.slowest, seconds)


def story(chance: random.Random) -> str:
    """A text that shares nothing with any other but its language, which there is not."""
    words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 3))) for _ in range(60)]
    sentences = [" ".join(words[at : at + 10]).capitalize() for at in range(0, 60, 10)]
    return ". ".join(sentences) + f". {chance.randint(100, 999_999)} {words[0]}."


class Load:
    """Threads that post, put, check and send batches until they are stopped; each asks again until it is answered."""

    def __init__(self, url: str, ledger: Ledger, threads: int, pause: float, seed: int) -> None:
        """``pause``: seconds between two requests of a thread."""
        self._url, self.ledger, self._pause, self._seed = url, ledger, pause, seed
        self._stop = Event()
        self.may_break = False  # connections that end are no fault while the server is ended on purpose
        self._threads = [Thread(target=self._work, args=(number,), daemon=True) for number in range(threads)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End it; what is under way is waited for."""
        self._stop.set()
        for thread in self._threads:
            thread.join(4 * PATIENCE)
            if thread.is_alive():
                self.ledger.wrong.append("a request never ended")

    def _work(self, number: int) -> None:
        chance = random.Random(f"{self._seed}-{number}")
        own: list[str] = []
        turn = 0
        with httpx.Client(base_url=self._url, timeout=PATIENCE) as client:
            while not self._stop.wait(self._pause):
                turn += 1
                name, draw = f"{self._seed}-{number}-{turn}", chance.random()
                if draw < 0.15 and own:
                    self._revise(client, chance.choice(own), chance)
                elif draw < 0.3:
                    self._ask(client, "POST", "/v1/check", {"id": name, "body": story(chance)})
                elif draw < 0.33:
                    self._batch(client, name, chance)
                else:
                    self._admit(client, name, chance, own)

    def _admit(self, client: httpx.Client, name: str, chance: random.Random, own: list[str]) -> None:
        published = [one for one in own[-20:] if self.ledger.items[one].status == "published"]
        of = chance.choice(published) if published and chance.random() < 0.3 else None
        body = self.ledger.items[of].request["body"] if of else story(chance)
        request = {"id": name, "source": f"paper-{chance.randint(1, 5)}", "body": body}
        key = name if chance.random() < 0.5 else None
        answer = self._ask(client, "POST", "/v1/items", request, key)
        if answer is None:
            return
        told = answer.json()
        reasons = [reason["code"] for reason in told["verdict"]["reasons"]]
        self.ledger.items[name] = Acknowledged(request, told["status"], 1, of, reasons)
        if of is None:
            own.append(name)

    def _revise(self, client: httpx.Client, name: str, chance: random.Random) -> None:
        before = self.ledger.items[name]
        request = {key: value for key, value in before.request.items() if key != "id"} | {"body": story(chance)}
        answer = self._ask(client, "PUT", f"/v1/items/{quote(name)}", request, None)
        if answer is not None:
            told = answer.json()
            self.ledger.items[name] = Acknowledged(before.request | request, told["status"], before.version + 1)

    def _batch(self, client: httpx.Client, name: str, chance: random.Random) -> None:
        rows = [{"id": f"{name}-{line}", "body": story(chance)} for line in range(_BATCH)]
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        answer = self._ask(client, "POST", "/v1/batches", lines, None)
        if answer is not None:
            self.ledger.batches.append(answer.json()["id"])

    def _ask(
        self, client: httpx.Client, method: str, path: str, body: dict[str, Any] | str, key: str | None = None
    ) -> httpx.Response | None:
        """The answer, once there is one that is fine; None when the load was stopped before."""
        headers = {"Idempotency-Key": key} if key else {}
        headers["Content-Type"] = "application/x-ndjson" if isinstance(body, str) else "application/json"
        content = body if isinstance(body, str) else json.dumps(body)
        while True:
            began = time.monotonic()
            try:
                answer = client.request(method, path, content=content, headers=headers)
            except httpx.TransportError as error:
                if not self.may_break:
                    self.ledger.wrong.append(f"{method} {path}: {type(error).__name__} while the server should live")
                with self.ledger.lock:
                    self.ledger.statuses["no answer"] += 1
            else:
                self.ledger.note(answer, time.monotonic() - began, f"{method} {path}")
                if answer.status_code in _FINE:
                    return answer
                if answer.status_code not in (503, 409):
                    return None
            if self._stop.wait(0.05):
                return None


def audit_answers(url: str, ledger: Ledger) -> Iterator[str]:
    """What the running service gives otherwise than it had answered: lost, changed, or not found by its copies."""
    with httpx.Client(base_url=url, timeout=PATIENCE) as client:
        for name, known in ledger.items.items():
            answer = client.get(f"/v1/items/{quote(name)}")
            if answer.status_code != 200:
                yield f"lost: {name} is answered with {answer.status_code}"
                continue
            found = answer.json()
            # An update whose answer did not come may be there; one that was answered must be.
            version = int(found["version"]) if str(found.get("version", "")).isdecimal() else known.version
            if version < known.version or (version == known.version and found["status"] != known.status):
                yield f"changed: {name} is {found['status']} in version {version}, was {known.status}, {known.version}"
            if known.copy_of is not None and known.status != "rejected" and "unreadable" not in known.reasons:
                yield f"half-indexed: {name}, a copy of {known.copy_of}, was {known.status}"
            if version == known.version and known.status == "published":
                yield from _is_found(client, name, known)


def _is_found(client: httpx.Client, name: str, known: Acknowledged) -> Iterator[str]:
    copy = client.post("/v1/check", json={"id": f"copy of {name}", "body": known.request["body"]})
    matches = [match["id"] for match in copy.json().get("matches", ())]
    if name not in matches:
        yield f"half-indexed: a copy of {name} is answered with {copy.status_code} and matches {matches}"


def wait_for_batches(url: str, ledger: Ledger, seconds: float) -> Iterator[str]:
    """Batches that were accepted and are not done in time."""
    deadline = time.monotonic() + seconds
    with httpx.Client(base_url=url, timeout=PATIENCE) as client:
        for name in ledger.batches:
            while True:
                answer = client.get(f"/v1/jobs/{name}")
                state = answer.json().get("state") if answer.status_code == 200 else answer.status_code
                if state == "done" or time.monotonic() > deadline:
                    break
                time.sleep(0.1)
            if state != "done":
                yield f"the batch {name} is {state}"


def wait_for_events(database: str, told: Told, seconds: float) -> None:
    """Until every event was told, or the time is over; beside the service."""
    deadline = time.monotonic() + seconds
    with closing(Store.open(database, claim=False)) as store:
        while time.monotonic() < deadline:
            with store.reading() as connection:
                if set(connection.scalars(select(outbox.c.id))) <= set(told.events):
                    return
            time.sleep(0.2)


def audit_store(database: str, ledger: Ledger, told: Told) -> Iterator[str]:
    """What is wrong in the store itself, once nobody works on it."""
    with closing(Store.open(database)) as store, store.reading() as connection:
        numbers = {row.id: row.version for row in connection.execute(select(items.c.id, items.c.version))}
        events: dict[str, Counter[str]] = {}
        for row in connection.execute(select(outbox.c.item_id, outbox.c.kind)):
            events.setdefault(row.item_id, Counter())[row.kind] += 1
        yield from (f"lost: {name} is not in the store" for name in ledger.items if name not in numbers)
        for name, version in numbers.items():
            updated = events.get(name, Counter())["item.updated"]
            made = events.get(name, Counter()).total() - updated
            if (made, updated) != (1, version - 1):
                yield f"doubled: {name} in version {version} has {made} events of its making, {updated} of updates"
        rows = connection.execute(select(versions.c.item_seq, versions.c.number, func.count()).group_by(
            versions.c.item_seq, versions.c.number).having(func.count() > 1)).all()  # fmt: skip
        yield from (f"doubled: {row}" for row in rows)
        yield from _audit_batches(connection, ledger, numbers)
        sketching = Sketching(secret=making.secret(connection))
        findings = checks.examine(connection, sketching)
        yield from (f"{one.what}: {one.said}" for one in findings if not one.fine)
        if not connection.scalar(select(func.count()).select_from(sketches)):
            yield "nothing was stored: this shows nothing"
        wanted = {row.id for row in connection.execute(select(outbox.c.id))}
        if missing := wanted - set(told.events):
            yield f"{len(missing)} of {len(wanted)} events were told nobody"


def _audit_batches(connection: Any, ledger: Ledger, numbers: dict[str, int]) -> Iterator[str]:
    for name in ledger.batches:
        query = select(job_lines.c.state, job_lines.c.answer).join(jobs_table).where(jobs_table.c.id == name)
        rows = connection.execute(query).all()
        done = [json.loads(row.answer)["id"] for row in rows if row.state == "done"]
        if len(done) != _BATCH:
            yield f"the batch {name} has {len(done)} lines done of {_BATCH}: {Counter(row.state for row in rows)}"
        yield from (f"lost: {one} of the batch {name}" for one in done if one not in numbers)
