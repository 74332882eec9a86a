"""What editors and operators read of the store: decisions, batches, the queue, feeds, counts, replays, backups."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, func, select

from detector import Policy, Quality, Reason, Verdict
from detector.records import CleanText
from service.metrics import Metrics
from service.sqlite import StoreError
from service.store import (
    Store,
    address_of,
    claims,
    decisions,
    feeds,
    items,
    jobs,
    making,
    memories,
    overview,
    policies,
    postings,
    queue,
    reindexing,
    replay,
)
from service.store.backups import back_up
from service.store.decisions import Decision
from service.store.feeds import Cursor, Shelf
from service.store.jobs import Job, Line, Outcome
from service.store.queue import Filters
from service.store.records import StoredItem, micros
from service.tables import (
    job_lines,
    meta,
    pins,
    policy_versions,
    shadow_verdicts,
    sketches,
    source_memories,
)
from service.tables import (
    jobs as jobs_table,
)
from tests.service.store.conftest import SKETCHING, T0, at, matched, news


def _add(store: Store, item_id: str, *arguments: Any, **more: Any) -> StoredItem:
    return store.write(items.insert_item, news(item_id, *arguments, **more))


def _decide(store: Store, item: StoredItem, kind: Any, after: str, *, why: str = "", minutes: float = 0) -> Decision:
    return store.write(decisions.record, item, kind, after, who="Ann", why=why, when=at(minutes))


# --- decisions --------------------------------------------------------------------------------------------------------


def test_the_audit_says_who_changed_what_and_why_the_latest_first(store: Store) -> None:
    a, b = _add(store, "a", "", "held"), _add(store, "b")
    first = _decide(store, a, "decide", "published", why="called", minutes=1)
    assert first == Decision(1, "a", 1, at(1), "Ann", "decide", "held", "published", "called")
    second, third = _decide(store, b, "retract", "retracted"), _decide(store, a, "pin", "published", why="again")
    assert store.read(decisions.page) == [third, second, first]
    assert store.read(decisions.page, item_id="a") == [third, first]
    assert store.read(decisions.page, before=3) == [second, first]
    assert store.read(decisions.page, limit=1) == [third]
    assert store.read(decisions.by_seq, [3, 1, 9]) == [first, third]
    assert store.read(decisions.reasons_of, "a") == {"called", "again"}
    assert store.read(decisions.reasons_of, "c") == set()


def test_fifty_decisions_are_on_a_page(store: Store) -> None:
    a = _add(store, "a")
    with store.writing() as connection:
        for _ in range(51):
            decisions.record(connection, a, "decide", "held", who="Ann", why="", when=T0)
    assert len(store.read(decisions.page)) == 50


def test_the_last_decision_on_an_item_stands_beside_its_score(store: Store) -> None:
    a, b = _add(store, "a", score=0.7), _add(store, "b", score=0.1)
    _decide(store, a, "decide", "held")
    _decide(store, b, "decide", "rejected")
    _decide(store, a, "decide", "published")
    _decide(store, a, "retract", "retracted")
    assert sorted(store.read(decisions.with_scores)) == [(0.1, "rejected"), (0.7, "published")]


def test_a_pin_is_of_a_pair_whichever_way_it_is_named(store: Store) -> None:
    a, b, c = (_add(store, name).seq for name in "abc")
    store.write(decisions.pin, b, a, "different", _decide(store, items_of(store, "a"), "pin", "published").seq)
    store.write(decisions.pin, b, c, "same", _decide(store, items_of(store, "b"), "pin", "published").seq)
    assert store.read(decisions.pinned, a) == {b: "different"}
    assert store.read(decisions.pinned, b) == {a: "different", c: "same"}
    assert store.read(decisions.pinned, c) == {b: "same"}
    store.write(decisions.pin, a, b, "same", 1)
    assert store.read(decisions.pinned, a) == {b: "same"}
    store.write(decisions.pin, c, b, None, 1)
    assert store.read(decisions.pinned, c) == {}
    store.write(decisions.unpin, 2)
    assert store.read(decisions.pinned, a) == {b: "same"}
    store.write(decisions.unpin, 1)
    assert store.read(decisions.pinned, a) == {}
    with store.reading() as connection:
        assert connection.execute(select(pins)).all() == []


def items_of(store: Store, item_id: str) -> StoredItem:
    found = store.read(items.find, item_id)
    assert found is not None
    return found


def test_what_is_exported_is_each_items_last_decision_with_its_labels(store: Store) -> None:
    texts = {name: f"First sentence of {name}. Second one of it." for name in "abcd"}
    a, b, c, d = (_add(store, name, text, "held") for name, text in texts.items())
    _decide(store, a, "decide", "rejected", minutes=1)
    _decide(store, a, "decide", "published", minutes=2)
    _decide(store, b, "decide", "held", minutes=3)
    _decide(store, c, "retract", "retracted")
    _decide(store, d, "decide", "retracted")
    end = len("First sentence of a.")
    store.write(decisions.label_sentence, a, end + 1, len(a.text), "filler", who="Ann", when=T0)
    store.write(decisions.label_sentence, a, 0, end, "filler", who="Ann", when=T0)
    store.write(decisions.label_sentence, a, 0, end, "informative", who="Ben", when=at(1))
    store.write(decisions.label_sentence, b, 0, end, "filler", who="Ben", when=at(1))
    with store.reading() as connection:
        rows = list(decisions.export(connection))
    assert rows == [
        {"id": "a", "title": "Title of a", "text": texts["a"], "decision": "publish", "decided": at(2).isoformat(),
         "sentences": [{"text": "First sentence of a.", "label": "informative"},
                       {"text": "Second one of it.", "label": "filler"}]},
        {"id": "b", "title": "Title of b", "text": texts["b"], "decision": "review", "decided": at(3).isoformat(),
         "sentences": [{"text": "First sentence of b.", "label": "filler"}]},
    ]  # fmt: skip
    store.write(items.erase, a)
    with store.reading() as connection:
        assert [row["id"] for row in decisions.export(connection)] == ["b"]


# --- batches ----------------------------------------------------------------------------------------------------------


def _job(store: Store, lines: int = 3, caller: str = "cms", minutes: float = 0) -> int:
    job = store.write(jobs.create, caller, at(minutes))
    store.write(jobs.append, job, [Line(number, f"request {number}") for number in range(1, lines + 1)])
    store.write(jobs.append, job, [])
    store.write(jobs.queue, job, lines)
    return job


def test_a_job_goes_from_its_lines_to_its_outcomes(store: Store) -> None:
    seq = _job(store)
    job = store.read(jobs.of_seq, seq)
    assert job == Job(seq, job.id, "queued", T0, None, None, 3, 3, 0, 0)
    assert job.id.startswith("job_")
    assert len(job.id) == 28
    assert store.read(jobs.find, job.id) == job
    assert store.read(jobs.find, "none") is None
    assert store.write(jobs.claim, "one", at(1)) == seq
    assert store.read(jobs.waiting, seq, 0, 9) == [Line(1, "request 1"), Line(2, "request 2"), Line(3, "request 3")]
    assert store.read(jobs.waiting, seq, 1, 1) == [Line(2, "request 2")]
    assert store.read(jobs.still_waiting, seq, 1, 2) == {1, 2}
    store.write(jobs.finish_lines, seq, [(Outcome(1, "done", {"id": "é"}), None)])
    store.write(jobs.finish_lines, seq, [(Outcome(2, "failed", {"problem": 1}), None)])
    store.write(jobs.finish_lines, seq, [])
    assert store.read(jobs.still_waiting, seq, 1, 3) == {3}
    assert store.read(jobs.waiting, seq, 0, 9) == [Line(3, "request 3")]
    assert store.read(jobs.outcomes, seq, 0, 9) == [
        Outcome(1, "done", {"id": "é"}),
        Outcome(2, "failed", {"problem": 1}),
    ]
    assert store.read(jobs.outcomes, seq, 1, 9) == [Outcome(2, "failed", {"problem": 1})]
    assert store.read(jobs.outcomes, seq, 0, 1) == [Outcome(1, "done", {"id": "é"})]
    with store.reading() as connection:
        rows = {row.number: (row.request, row.answer) for row in connection.execute(select(job_lines))}
    assert rows == {1: ("", '{"id": "é"}'), 2: ("", '{"problem": 1}'), 3: ("request 3", "")}
    running = store.read(jobs.of_seq, seq)
    assert (running.state, running.started, running.waiting, running.done, running.failed) == (
        "running",
        at(1),
        1,
        1,
        1,
    )
    store.write(jobs.finish, seq, at(5))
    done = store.read(jobs.of_seq, seq)
    assert (done.state, done.finished) == ("done", at(5))
    store.write(jobs.finish, seq, at(6))
    assert store.read(jobs.of_seq, seq).finished == at(5), "what is done is done"
    assert store.write(jobs.claim, "one", at(9)) is None


def test_a_job_is_one_nodes_for_the_time_of_a_lease(store: Store) -> None:
    first, second = _job(store), _job(store)
    lease = timedelta(seconds=30)
    assert lease == jobs.LEASE
    assert store.write(jobs.claim, "one", T0) == first
    assert store.write(jobs.claim, "other", T0) == second
    assert store.write(jobs.claim, "third", T0 + lease) is None, "both are being worked on"
    assert store.write(jobs.renew, first, "one", T0 + lease)
    assert not store.write(jobs.renew, first, "other", T0 + lease)
    assert store.write(jobs.claim, "third", T0 + lease + timedelta(seconds=1)) == second
    assert not store.write(jobs.renew, second, "other", T0 + lease), "it is another's by now"
    assert store.write(jobs.claim, "one", T0) == first, "who has it may take it up again"
    assert store.read(jobs.of_seq, first).started == T0


def test_a_clock_that_jumps_moves_a_lease_and_loses_no_line(store: Store) -> None:
    """Forwards another node takes over, and the first one is told so; backwards it waits until the clock is there."""
    job = _job(store)
    assert store.write(jobs.claim, "one", T0) == job
    assert store.write(jobs.claim, "other", at(60)) == job
    assert not store.write(jobs.renew, job, "one", at(60))
    assert store.write(jobs.renew, job, "other", at(0)), "the clock went back an hour: it is still the other's"
    assert store.write(jobs.claim, "one", at(0.4)) is None
    assert store.write(jobs.claim, "one", at(0.6)) == job
    assert len(store.read(jobs.waiting, job, 0, 9)) == 3


def test_what_is_cancelled_is_not_done_and_what_was_done_stays(store: Store) -> None:
    seq, other = _job(store), _job(store)
    store.write(jobs.claim, "one", T0)
    store.write(jobs.finish_lines, seq, [(Outcome(1, "done", {}), None)])
    store.write(jobs.cancel, seq, at(2))
    job = store.read(jobs.of_seq, seq)
    assert (job.state, job.finished, job.waiting, job.done) == ("cancelled", at(2), 0, 1)
    assert [one.state for one in store.read(jobs.outcomes, seq, 0, 9)] == ["done", "cancelled", "cancelled"]
    assert store.read(jobs.outcomes, seq, 1, 1) == [Outcome(2, "cancelled", {})]
    assert not store.write(jobs.renew, seq, "one", at(3))
    store.write(jobs.cancel, seq, at(9))
    assert store.read(jobs.of_seq, seq).finished == at(2)
    assert store.read(jobs.of_seq, other).waiting == 3
    with store.reading() as connection:
        assert set(connection.scalars(select(job_lines.c.request).where(job_lines.c.job_seq == seq))) == {""}


def test_a_job_whose_lines_stopped_coming_is_taken_back(store: Store) -> None:
    kept = _job(store)
    half = store.write(jobs.create, "cms", T0)
    assert store.read(jobs.of_seq, half).state == "receiving"
    store.write(jobs.append, half, [Line(1, "x")])
    assert store.write(jobs.claim, "one", T0) == kept, "one that is receiving is not begun"
    store.write(jobs.drop, kept)
    store.write(jobs.drop_unreceived, T0)
    assert store.read(jobs.of_seq, half).state == "receiving", "it may be coming in still"
    store.write(jobs.drop_unreceived, at(1))
    with store.reading() as connection:
        assert list(connection.scalars(select(jobs_table.c.seq))) == [kept]
        assert {row.caller for row in connection.execute(select(jobs_table))} == {"cms"}


# --- the queue --------------------------------------------------------------------------------------------------------


@pytest.fixture
def queued(store: Store) -> Store:
    other = _add(store, "old", score=0.0)
    for number in range(6):
        found = [matched(other, 0.5), matched(other, 0.95, "template")] if number == 3 else []
        _add(store, f"q{number}", "", "held", *found, score=number % 4 / 10, reasons=("padding",) if number % 2 else (),
             source=f"s{number % 2}", section=None if number == 5 else "local",
             language="de" if number > 3 else "en")  # fmt: skip
    return store


def _ids(store: Store, **named: Any) -> list[str]:
    return [entry.id for entry in store.read(queue.page, Filters(**named), T0)]


def test_the_queue_is_filtered_and_sorted(queued: Store) -> None:
    assert _ids(queued) == ["q5", "q4", "q3", "q2", "q1", "q0"]
    assert _ids(queued, order="oldest") == ["q0", "q1", "q2", "q3", "q4", "q5"]
    assert _ids(queued, order="riskiest") == ["q3", "q2", "q5", "q1", "q4", "q0"]
    assert _ids(queued, status="published") == ["old"]
    assert _ids(queued, source="s1") == ["q5", "q3", "q1"]
    assert _ids(queued, section="local", language="de") == ["q4"]
    assert _ids(queued, reason="padding", score=0.2) == ["q3"]
    assert _ids(queued, score=0.1) == ["q5", "q3", "q2", "q1"]
    assert _ids(queued, q="q4") == ["q4"]
    page = queued.read(queue.page, Filters(), T0, offset=2, limit=2)
    assert [entry.id for entry in page] == ["q3", "q2"]


def test_a_line_of_the_queue(queued: Store) -> None:
    queued.write(claims.claim, 5, "Ben", T0)
    (entry,) = queued.read(queue.page, Filters(q="q3"), at(1))
    assert entry == queue.Entry(
        seq=5, id="q3", status="held", title="Title of q3", source="s1", section="local", language="en", received=T0,
        score=0.3, reasons=("padding",), match=matched(items_of(queued, "old"), 0.5).answer, claimed_by="Ben",
    )  # fmt: skip
    (entry,) = queued.read(queue.page, Filters(q="q0"), at(1))
    assert (entry.reasons, entry.match, entry.claimed_by) == ((), None, None)
    (entry,) = queued.read(queue.page, Filters(q="q3"), at(6))
    assert entry.claimed_by is None


@pytest.mark.parametrize("order", ["newest", "oldest", "riskiest"])
def test_neighbours_are_those_of_the_list(queued: Store, order: Any) -> None:
    ids = _ids(queued, order=order)
    for place, name in enumerate(ids):
        found = queued.read(queue.neighbours, Filters(order=order), items_of(queued, name).seq)
        assert found == (ids[place - 1] if place else None, ids[place + 1] if place + 1 < len(ids) else None)
    assert queued.read(queue.neighbours, Filters(order=order), 99) == (None, None)
    filtered = queued.read(queue.neighbours, Filters(source="s1"), items_of(queued, "q4").seq)
    assert filtered == ("q5", "q3")


def test_counts_and_facets(queued: Store) -> None:
    assert queued.read(queue.counts) == {"held": 6, "published": 1}
    assert queued.read(queue.latest) == 7
    assert queued.read(queue.facets, "held") == queue.Facets(
        [("padding", 3)], [("s0", 3), ("s1", 3)], [("local", 5)], [("en", 4), ("de", 2)])  # fmt: skip
    assert queued.read(queue.facets, "rejected") == queue.Facets([], [], [], [])


def test_nothing_is_the_latest_of_nothing(store: Store) -> None:
    assert store.read(queue.latest) == 0


_ALL = Shelf()


# --- feeds ------------------------------------------------------------------------------------------------------------


def test_a_feed_has_what_is_published_by_its_last_change_in_pages(store: Store) -> None:
    for number, name in enumerate("abcde"):
        _add(store, name, "", "published" if name != "c" else "held", minutes=number,
             source="s1" if name in "ab" else "s2",
             section="x" if name in "ad" else None)  # fmt: skip
    store.write(items.touch, items_of(store, "a"), at(30))
    page, after = store.read(feeds.published, Shelf(), None, 3)
    assert [item.id for item in page] == ["a", "e", "d"]
    assert after == Cursor(micros(at(3)), 4)
    page, after = store.read(feeds.published, Shelf(), after, 3)
    assert [item.id for item in page] == ["b"]
    assert after is None
    page, after = store.read(feeds.published, Shelf(), None, 4)
    assert after is None, "there are just as many"
    assert [item.id for item in store.read(feeds.published, Shelf(source="s1"), None, 9)[0]] == ["a", "b"]
    assert [item.id for item in store.read(feeds.published, Shelf(section="x"), None, 9)[0]] == ["a", "d"]
    assert [item.id for item in store.read(feeds.published, Shelf("s2", "x"), None, 9)[0]] == ["d"]
    shown = page[0]
    item = items_of(store, "a")
    assert (shown.title, shown.text, shown.html, shown.url) == (item.title, item.text, item.html, item.url)
    assert (shown.source, shown.section, shown.language) == ("s1", "x", "en")
    assert (shown.published, shown.changed) == (at(-60), at(30))


def test_an_item_without_a_date_is_of_the_day_it_came(store: Store) -> None:
    _add(store, "a", minutes=2, published=None)
    ((shown,), _) = store.read(feeds.published, Shelf(), None, 9)
    assert shown.published == at(2)


def test_what_left_a_feed_is_named_for_a_time(store: Store) -> None:
    for name in "abcd":
        _add(store, name, source="s1" if name == "a" else "s2")
    _add(store, "never", "", "held")
    _add(store, "late", "", "held")
    for minute, name in ((1, "a"), (2, "b")):
        store.write(items.set_status, items_of(store, name), "retracted", at(minute))
    _decide(store, items_of(store, "late"), "decide", "published")
    store.write(items.set_status, items_of(store, "late"), "rejected", at(3))
    store.write(items.set_status, items_of(store, "never"), "rejected", at(3))
    _decide(store, items_of(store, "c"), "delete", "deleted", minutes=4)
    store.write(items.erase, items_of(store, "c"))

    def removed(
        shelf: Shelf = _ALL, since: float = 0, before: Cursor | None = None, limit: int = 9
    ) -> list[tuple[str, Any]]:
        return [(one.id, one.when) for one in store.read(feeds.removed, shelf, at(since), before, limit)]

    assert removed() == [("c", at(4)), ("late", at(3)), ("b", at(2)), ("a", at(1))]
    assert removed(limit=2) == [("c", at(4)), ("late", at(3))]
    assert removed(since=2) == [("c", at(4)), ("late", at(3)), ("b", at(2))]
    assert removed(since=4.5) == []
    assert removed(before=Cursor(micros(at(3)), 0)) == [("b", at(2)), ("a", at(1))]
    assert removed(before=Cursor(micros(at(4)), 0))[0] == ("late", at(3))
    assert removed(Shelf(source="s1")) == [("a", at(1))]
    assert removed(Shelf(source="s2")) == [("b", at(2))], "the deleted one has no source any more"
    _add(store, "c", minutes=9)
    assert "c" not in dict(removed()), "one that came again is not gone"


def test_what_moved_to_another_shelf_has_left_the_one_where_it_was_published(store: Store) -> None:
    for name in ("moved", "back", "stays"):
        _add(store, name, source="s1", section="x")
    _add(store, "held", "", "held", source="s1")
    for minute, name, source in (
        (1, "moved", "s2"),
        (2, "back", "s2"),
        (3, "held", "s2"),
        (4, "back", "s1"),
        (5, "stays", "s1"),
    ):
        version = news(name, source=source, section="x", minutes=minute)
        store.write(items.insert_version, items_of(store, name), version)

    def removed(**shelf: str) -> list[tuple[str, Any]]:
        return [(one.id, one.when) for one in store.read(feeds.removed, Shelf(**shelf), at(0), None, 9)]

    assert removed(source="s1") == [("moved", at(1))]
    assert removed(source="s2") == [("back", at(4))]
    assert removed(source="s1", section="x") == [("moved", at(1))]
    assert removed(section="x") == []
    assert removed() == []
    store.write(items.set_status, items_of(store, "moved"), "retracted", at(6))
    assert removed(source="s1") == [("moved", at(6))], "it is gone from there whatever became of it elsewhere"
    assert removed(source="s2") == [("moved", at(6)), ("back", at(4))]


# --- counts -----------------------------------------------------------------------------------------------------------


def test_an_overview_counts_by_time_source_and_status(store: Store) -> None:
    old = _add(store, "old", minutes=-600)
    a = _add(store, "a", source="s1", score=0.5)
    _add(store, "b", "", "rejected", matched(a), matched(a, 0.3, "contained"), source="s2", minutes=20, score=0.1)
    _add(store, "c", "", "rejected", matched(a), source="s2", minutes=40, score=0.3)
    _add(store, "d", "", "held", matched(a, 0.9, "template", duplicate=False), source=None, minutes=50, score=0.3)
    hour = datetime(2026, 3, 2, 9, tzinfo=UTC)
    with store.reading() as connection:
        assert list(overview.by_time(connection, T0, hours=1)) == [
            (hour, "published", 1), (hour, "rejected", 1), (hour + timedelta(hours=1), "held", 1),
            (hour + timedelta(hours=1), "rejected", 1)]  # fmt: skip
        spans = list(overview.by_time(connection, T0, hours=6))
        assert spans[0][0] == datetime(2026, 3, 2, 6, tzinfo=UTC)
        assert list(overview.scores_by_day(connection, T0)) == [(datetime(2026, 3, 2, tzinfo=UTC), pytest.approx(0.3))]
    assert store.read(overview.by_source, T0) == [
        ("s2", {"rejected": 2}),
        ("(none)", {"held": 1}),
        ("s1", {"published": 1}),
    ]
    assert store.read(overview.by_source, T0, 1) == [("s2", {"rejected": 2})]
    assert store.read(overview.history, "s2", T0) == [("rejected", 2)]
    assert store.read(overview.history, "s2", at(30)) == [("rejected", 1)]
    assert store.read(overview.copied, T0) == [("s2", "s1", 2)]
    assert store.read(overview.copied, at(30)) == [("s2", "s1", 1)]
    scored = store.read(overview.scored, T0)
    assert scored[0] == {"id": "a", "status": "published", "score": 0.5, "action": "publish"}
    assert [row["id"] for row in scored] == ["a", "b", "c", "d"]
    assert overview.days_ago(T0, 2) == T0 - timedelta(hours=48)
    assert old.source == "post"


def test_what_stands_in_the_latest_verdicts(store: Store) -> None:
    _add(store, "a", dropped=("Imprint", "Share", "x" * 200))
    _add(store, "b", dropped=("Share", "Share"))
    found = store.read(overview.sampled)
    assert found == overview.Sampled([("Share", 2), ("Imprint", 1), ("x" * 120, 1)], [2.5, 2.5])
    assert store.read(overview.sampled, 1).stripped == [("Share", 2)]


# --- policies, replays ------------------------------------------------------------------------------------------------


def _verdict(action: Any, policy: str) -> Verdict:
    quality = Quality(0.2, "publish", (), ())
    reasons = (Reason("padding", "half é"),)
    return Verdict(item_id="a", action=action, reasons=reasons, matches=(), quality=quality, text=CleanText("t", ()),
                   policy=policy, models={}, sketch_header="", sketch_digest="")  # fmt: skip


def test_a_policy_is_noted_when_it_is_another(store: Store) -> None:
    record = policies.recorder(store, Metrics())
    policy, other = Policy(), Policy(duplicate_score=0.9)
    for mode, given, text in (("active", policy, "a"), ("active", policy, "b"), ("shadow", policy, "c"),
                              ("active", other, "d"), ("active", None, ""), ("active", policy, "e")):  # fmt: skip
        record(mode, given, text)  # type: ignore[arg-type]
    with store.reading() as connection:
        rows = connection.execute(select(policy_versions).order_by(policy_versions.c.seq)).mappings().all()
    assert [(row["mode"], row["digest"], row["text"], row["who"]) for row in rows] == [
        ("active", policy.digest, "a", "policy file"), ("shadow", policy.digest, "c", "policy file"),
        ("active", other.digest, "d", "policy file"), ("active", policy.digest, "e", "policy file")]  # fmt: skip


def test_what_was_decided_is_read_again_with_all_that_it_was_decided_by(store: Store) -> None:
    old = _add(store, "old", minutes=-5)
    apart = _add(store, "apart", minutes=-5)
    a = _add(store, "a", "", "rejected", matched(old))
    _add(store, "b", minutes=1)
    with store.reading() as connection:
        past = list(replay.decided(connection, T0))
        assert [one.id for one in past] == ["a", "b"]
        assert past[0] == replay.Past(
            version_seq=a.version_seq, id="a", received=T0, published=at(-60), title="Title of a", url=a.url,
            source="post", section="local", language="en", text=a.text, kept=False, action="reject", policy="p1",
            answer=a.answer,
        )  # fmt: skip
        assert past[1].kept is True
        assert [one.id for one in replay.matched_before(connection, T0)] == ["old"]
        assert list(replay.matched_before(connection, at(-5))) == []
    assert (store.read(replay.how_many, T0), store.read(replay.how_many, at(2))) == (2, 0)
    assert apart.seq == 2


def test_what_the_policy_on_trial_would_have_decided(store: Store) -> None:
    a = _add(store, "a")
    store.write(policies.add_shadow_verdict, a.version_seq, _verdict("reject", "p2"))
    with store.reading() as connection:
        assert list(replay.tried(connection, T0)) == [
            replay.Tried("a", "Title of a", "post", "publish", "reject", "p2", ("padding",))]  # fmt: skip
        assert list(replay.tried(connection, datetime.now(UTC) + timedelta(hours=1))) == []
        reasons = connection.scalar(select(shadow_verdicts.c.reasons))
    assert reasons == '[{"code": "padding", "text": "half é"}]'


# --- memories, makings, files -----------------------------------------------------------------------------------------


def test_what_a_source_repeats_is_kept_and_the_rest_read_from_its_versions(store: Store) -> None:
    a = store.write(items.insert_item, replace(news("a", "One.\n\nTwo."), repeated=("Footer",)))
    b = store.write(items.insert_item, replace(news("b"), text="", sketch=None, bands=b""))
    _add(store, "c", source="other")
    assert store.read(memories.counted, "post") is None
    assert store.read(memories.lines_since, "post", 0) == [
        (a.version_seq, ["One.", "Two.", "Footer"]),
        (b.version_seq, []),
    ]
    assert store.read(memories.lines_since, "post", a.version_seq) == [(b.version_seq, [])]
    for upto in (1, 2):
        store.write(memories.write, memories.Counted("post", upto, 7, b"\1\0\0\0" * 99))
    store.write(memories.write, memories.Counted("other", 3, 1, b""))
    assert store.read(memories.counted, "post") == memories.Counted("post", 2, 7, b"\1\0\0\0" * 99)
    with store.reading() as connection:
        sizes = [len(row.counts) for row in connection.execute(select(source_memories))]
    assert len(sizes) == 2
    assert max(sizes) < 99, "they are compressed"


def test_an_index_has_one_making_and_refuses_what_others_made(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(delete(meta).where(meta.c.name == "making"))
    assert store.read(making.current) is None
    one = store.write(making.require, "sketch", "cleaner")
    assert store.write(making.require, "sketch", "cleaner") == one
    assert store.read(making.current) == making.Making(one, "sketch", "cleaner")
    for sketch, cleaner in (("sketch 2", "cleaner"), ("sketch", "cleaner 2")):
        with pytest.raises(
            StoreError,
            match=f"made by 'sketch' on texts cleaned by 'cleaner', and this version makes '{sketch}' on '{cleaner}'",
        ):
            store.write(making.require, sketch, cleaner)
    again, other = (store.write(making.add, *made) for made in (("sketch", "cleaner"), ("sketch 2", "cleaner")))
    assert len({one, again, other}) == 3
    store.write(making.begin, other)
    assert store.read(making.under_way) == making.Making(other, "sketch 2", "cleaner")
    assert store.write(making.require, "sketch", "cleaner") == one
    store.write(making.adopt, other)
    assert store.write(making.require, "sketch 2", "cleaner") == other
    assert store.read(making.under_way) is None
    assert [part.partition("=")[0] for part in making.cleaner_version().split(" ")] == ["cleaner", "lines"]


def test_what_a_run_that_began_meanwhile_has_made_is_not_tidied_away(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write(items.insert_item, news("a"))
    first = reindexing.begin(store, SKETCHING, everything=True)
    assert first is not None
    assert reindexing.step(store, first) == 1
    assert reindexing.finish(store, first)
    numbers = making.numbers

    def and_then_another_begins(connection: Connection) -> set[int]:
        found = numbers(connection)
        second = reindexing.begin(store, SKETCHING, everything=True)
        assert second is not None
        assert reindexing.step(store, second) == 1
        return found

    monkeypatch.setattr(making, "numbers", and_then_another_begins)
    reindexing.tidy(store)
    under_way = store.read(making.under_way)
    assert under_way is not None
    counted = select(func.count()).where(sketches.c.making == under_way.id)
    assert store.read(lambda connection: connection.scalar(counted)) == 1


def test_an_index_is_made_again_of_what_has_another_making(store: Store) -> None:
    said = "The council of {} voted 9 to 3 on Monday to close the pier, said mayor Ida Moss."
    body = f"<html><body><article><h1>{{}}</h1><p>{said}</p></article></body></html>"
    for name in "abc":
        new = news(name, status="rejected" if name == "b" else "published")
        store.write(items.insert_item, replace(new, item=replace(new.item, body=body.format(name, name))))
    run = reindexing.begin(store, SKETCHING, everything=False)
    assert run is not None
    assert (run.items, run.after) == (3, 0)
    assert reindexing.step(store, run) == 3
    assert reindexing.step(store, run) == 0
    assert items_of(store, "a").text.startswith("The council of a voted 9 to 3 on Monday to close pier a")
    assert [one.item_seq for part in store.read(lambda c: list(postings.kept(c))) for one in part] == [1, 3]
    assert reindexing.finish(store, run)
    assert store.write(making.require, SKETCHING.header, making.cleaner_version()) == run.making
    assert store.read(postings.changed_since, 3) == ([reindexing.EVERYTHING], 4)
    reindexing.tidy(store)
    with store.reading() as connection:
        rows = connection.execute(select(sketches).order_by(sketches.c.item_seq)).mappings().all()
    assert [(row["item_seq"], row["kept"]) for row in rows] == [(1, True), (2, False), (3, True)]
    assert {row["making"] for row in rows} == {run.making}
    found = items_of(store, "a")
    assert found.text.startswith("The council of a voted 9 to 3 on Monday to close the pier")
    assert found.html == f"<p>{found.text}</p>"
    assert rows[0]["published"] == micros(at(-60))
    assert reindexing.begin(store, SKETCHING, everything=False) is None
    everything = reindexing.begin(store, SKETCHING, everything=True)
    assert everything is not None
    assert everything.items == 3
    assert everything.making != run.making
    resumed = reindexing.begin(store, SKETCHING, everything=False)
    assert resumed is not None
    assert resumed.making == everything.making


def test_a_backup_is_whole_and_never_writes_over_a_file(store: Store, tmp_path: Path) -> None:
    _add(store, "a")
    copy = tmp_path / "copy.db"
    pages = back_up(store.name, copy)
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT id FROM items").fetchall() == [("a",)]
        assert connection.execute("PRAGMA page_count").fetchone() == (pages,)
    connection.close()
    with pytest.raises(StoreError, match=r"copy\.db is there already; name another file"):
        back_up(store.name, copy)
    with pytest.raises(StoreError, match="is not there; name the store with --database"):
        back_up(str(tmp_path / "absent.db"), tmp_path / "other.db")
    with pytest.raises(StoreError, match="is PostgreSQL; use pg_dump"):
        back_up("postgresql://u@h/d", tmp_path / "other.db")


def test_an_address_is_a_path_or_a_url_of_postgres() -> None:
    assert address_of("items.db") == Path("items.db")
    assert address_of("sqlite:///a/b.db") == Path("a/b.db")
    url = address_of("postgres://u:secret@h/d")
    assert str(url) == "postgresql://u:***@h/d"
    for wrong in ("mysql://u:secret@h/d", "sqlite://", "://"):
        with pytest.raises(
            StoreError, match=r"is no database that copytaster knows; give a path, or postgresql"
        ) as refused:
            address_of(wrong)
        assert "secret" not in str(refused.value)


def test_a_store_says_what_it_is_and_takes_no_folder_that_is_not_there(store: Store, tmp_path: Path) -> None:
    assert (store.name, store.is_shared) == (str(tmp_path / "items.db"), False)
    with pytest.raises(StoreError, match="is no folder; make it first"):
        Store.open(tmp_path / "absent" / "x.db")
    beside = Store.open(tmp_path / "items.db", claim=False)
    beside.close()
    with pytest.raises(StoreError, match="in use by another"):
        Store.open(tmp_path / "items.db")
    with pytest.raises(StoreError, match="has the layout of no version; run copytaster serve once"):
        Store.open(tmp_path / "new.db", claim=False)

    def write(connection: Connection) -> None:
        connection.exec_driver_sql("DELETE FROM meta")

    with pytest.raises(Exception, match="readonly"):
        store.read(write)
