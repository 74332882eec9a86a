"""Keys, reviewers, sessions, claims, webhooks, and what is on its way to them: who may, who is told."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from service.keys import Key
from service.store import Store, StoredItem, claims, deliveries, events, idempotency, items, keys, people, webhooks
from service.store.deliveries import Delivery
from service.store.people import Reviewer, Session
from service.store.records import micros
from service.store.webhooks import Webhook
from service.tables import outbox, sessions
from tests.service.store.conftest import T0, at, news

KEY = Key("0" * 12, "cms", b"d" * 32, frozenset({"write", "check"}), T0, at(9), None, "f" * 12, 1.5, 7)


def test_a_key_is_read_as_it_was_written(store: Store) -> None:
    other = Key("1" * 12, "other", b"e" * 32, frozenset({"admin"}), at(-5))
    for key in (KEY, other):
        store.write(keys.add_key, key)
    assert store.read(keys.all_keys) == {KEY.id: KEY, other.id: other}
    assert list(store.read(keys.all_keys)) == [KEY.id, other.id]
    store.write(keys.expire_key, other.id, at(3))
    assert store.write(keys.revoke_key, KEY.id, at(4))
    assert not store.write(keys.revoke_key, KEY.id, at(5)), "it was revoked before"
    assert not store.write(keys.revoke_key, "never made", at(5))
    found = store.read(keys.all_keys)
    assert (found[KEY.id].revoked, found[KEY.id].expires) == (at(4), at(9))
    assert (found[other.id].revoked, found[other.id].expires) == (None, at(3))


def test_reviewers_come_go_and_are_listed_by_name(store: Store) -> None:
    for name, role in (("Ben", "reviewer"), ("Ann", "admin")):
        store.write(people.set_reviewer, name, role, f"hash of {name}", T0)
    ann, ben = Reviewer("Ann", "admin", "hash of Ann", T0, False), Reviewer("Ben", "reviewer", "hash of Ben", T0, False)
    assert store.read(people.all_reviewers) == [ann, ben]
    assert store.read(people.find_reviewer, "Ben") == ben
    assert store.read(people.find_reviewer, "Cid") is None
    store.write(people.set_reviewer, "Ben", "admin", "another", at(1))
    assert store.read(people.find_reviewer, "Ben") == Reviewer("Ben", "admin", "another", at(1), False)
    assert store.write(people.disable_reviewer, "Ben")
    assert not store.write(people.disable_reviewer, "Cid")
    assert store.read(people.find_reviewer, "Ben") == Reviewer("Ben", "admin", "another", at(1), True)
    assert store.read(people.find_reviewer, "Ann") == ann
    assert store.read(people.count_reviewers) == 2


def _open(store: Store, who: str, token: str, key_id: str | None = None, minutes: float = 60) -> Session:
    session = Session(who, frozenset({"review", "admin"}), key_id, at(minutes))
    store.write(people.open_session, token, session, T0)
    return session


def test_a_session_is_not_opened_by_a_password_that_is_theirs_no_more(store: Store) -> None:
    session = people.Session("Ann", frozenset({"review"}), None, at(60))

    def opened(token: str, password_hash: str) -> bool:
        return store.write(people.open_session, token, session, T0, password_hash=password_hash)

    assert not opened("nobody", "hash")
    store.write(people.set_reviewer, "Ann", "reviewer", "hash", T0)
    assert opened("right", "hash")
    assert not opened("changed", "hash of before")
    assert store.write(people.disable_reviewer, "Ann")
    assert not opened("disabled", "hash")
    found = [store.read(people.find_session, token, T0) for token in ("nobody", "right", "changed", "disabled")]
    assert found == [None] * 4  # the right one ended when its reviewer was disabled


def test_a_session_lasts_until_it_ends_and_is_kept_as_a_digest(store: Store) -> None:
    mine, other = _open(store, "Ann", "token a"), _open(store, "Ben", "token b")
    assert store.read(people.find_session, "token a", T0) == mine
    assert store.read(people.find_session, "token a", at(60)) == mine
    assert store.read(people.find_session, "token a", at(60.01)) is None
    assert store.read(people.find_session, "token c", T0) is None
    store.write(people.prolong, "token a", at(90))
    found = store.read(people.find_session, "token a", at(80))
    assert found is not None
    assert found.expires == at(90)
    assert store.read(people.find_session, "token b", at(80)) is None
    store.write(people.close_session, "token a")
    assert store.read(people.find_session, "token a", T0) is None
    assert store.read(people.find_session, "token b", T0) == other
    with store.reading() as connection:
        (row,) = connection.execute(select(sessions)).mappings().all()
    assert row["digest"] == people.digest("token b")
    assert (row["created"], row["scopes"]) == (micros(T0), '["admin", "review"]')
    assert timedelta(hours=12) == people.SESSION_LIFETIME


def test_opening_a_session_sweeps_out_those_that_have_ended(store: Store) -> None:
    _open(store, "Ann", "short", minutes=-1)
    _open(store, "Ann", "ends now", minutes=0)
    _open(store, "Ann", "long")
    with store.reading() as connection:
        kept = set(connection.scalars(select(sessions.c.digest)))
    assert kept == {people.digest("ends now"), people.digest("long")}


@pytest.mark.parametrize("change", ["another password", "disabled"])
def test_sessions_by_password_end_with_it_and_those_by_key_do_not(store: Store, change: str) -> None:
    store.write(people.set_reviewer, "Ann", "admin", "hash", T0)
    _open(store, "Ann", "by password")
    _open(store, "Ann", "by key", key_id="k")
    _open(store, "Ben", "of another")
    if change == "disabled":
        store.write(people.disable_reviewer, "Ann")
    else:
        store.write(people.set_reviewer, "Ann", "admin", "other", T0)
    opens = [token for token in ("by password", "by key", "of another") if store.read(people.find_session, token, T0)]
    assert opens == ["by key", "of another"]


@pytest.fixture
def pair(store: Store) -> tuple[StoredItem, StoredItem]:
    one, other = (store.write(items.insert_item, news(name)) for name in "ab")
    return one, other


def test_a_claim_lasts_five_minutes_and_is_one_persons(store: Store, pair: tuple[StoredItem, StoredItem]) -> None:
    one, other = pair[0].seq, pair[1].seq
    assert store.write(claims.claim, one, "Ann", T0) == "Ann"
    assert store.write(claims.claim, one, "Ben", at(1)) == "Ann"
    assert store.read(claims.holder, one, at(5)) == "Ann"
    assert store.read(claims.holder, one, at(5.01)) is None
    assert store.read(claims.holder, other, T0) is None
    assert store.write(claims.claim, one, "Ann", at(4)) == "Ann", "it begins anew"
    assert store.read(claims.holder, one, at(9)) == "Ann"
    assert store.write(claims.claim, one, "Ben", at(9.5)) == "Ben"
    assert store.write(claims.claim, one, "Ann", at(10), take_over=True) == "Ann"
    store.write(claims.claim, other, "Ben", at(10))
    assert store.read(claims.holders, [one, other], at(10)) == {one: "Ann", other: "Ben"}
    assert store.read(claims.holders, [one], at(10)) == {one: "Ann"}
    assert store.read(claims.holders, [one, other], at(15)) == {one: "Ann", other: "Ben"}
    assert store.read(claims.holders, [one, other], at(15.01)) == {}
    store.write(claims.release, one)
    assert store.read(claims.holders, [one, other], at(10)) == {other: "Ben"}


def _hook(store: Store, name: str = "hook", *kinds: str) -> Webhook:
    return store.write(webhooks.add_webhook, name, f"https://{name}.example/", kinds, f"secret of {name}", "cms", T0)


def test_a_webhook_is_read_as_it_was_written_and_changed_alone(store: Store) -> None:
    one, other = _hook(store, "one", "item.published"), _hook(store, "other")
    assert one == Webhook(1, "one", "https://one.example/", ("item.published",), "secret of one", None, None, True, T0,
                          "cms", None)  # fmt: skip
    assert store.read(webhooks.webhook, "other") == other
    assert store.read(webhooks.webhook, "none") is None
    assert store.read(webhooks.all_webhooks) == [one, other]
    assert (one.wants("item.published"), one.wants("item.held"), other.wants("item.held")) == (True, False, True)
    store.write(webhooks.rotate_secret, one, "new", at(10))
    store.write(webhooks.note_failing, one.seq, at(1))
    store.write(webhooks.note_failing, one.seq, at(2))
    store.write(webhooks.set_active, one.seq, active=False)
    changed = store.read(webhooks.webhook, "one")
    assert changed is not None
    assert (changed.secret, changed.previous_secret, changed.previous_until) == ("new", "secret of one", at(10))
    assert (changed.active, changed.failing_since) == (False, at(1))
    assert changed.secrets(at(9.9)) == ["new", "secret of one"]
    assert changed.secrets(at(10)) == ["new"]
    assert store.read(webhooks.webhook, "other") == other
    store.write(webhooks.note_working, one.seq)
    again = store.read(webhooks.webhook, "one")
    assert again is not None
    assert again.failing_since is None
    assert store.write(webhooks.delete_webhook, "one")
    assert not store.write(webhooks.delete_webhook, "one")
    assert store.read(webhooks.all_webhooks) == [other]


LEASE = timedelta(minutes=1)


def _emit(store: Store, item: StoredItem, *kinds: Any, when: Any = T0) -> list[str]:
    return [store.write(events.emit, kind, item, when) for kind in kinds]


def test_an_event_holds_what_its_receiver_needs(store: Store, pair: tuple[StoredItem, StoredItem]) -> None:
    (name,) = _emit(store, pair[0], "item.published")
    deleted = store.write(events.emit_deleted, "b", at(1))
    with store.reading() as connection:
        first, second = connection.execute(select(outbox).order_by(outbox.c.seq)).mappings().all()
    assert (first["id"], first["kind"], first["item_id"], first["created"], first["spread"]) == (
        name, "item.published", "a", micros(T0), False)  # fmt: skip
    assert json.loads(first["body"]) == {
        "type": "item.published", "timestamp": T0.isoformat(), "data": {
            "id": "a", "status": "published", "version": 1, "title": "Title of a", "url": "https://x.example/a",
            "source": "post", "section": "local", "reasons": [], "matches": []}}  # fmt: skip
    assert (second["id"], second["kind"], second["item_id"]) == (deleted, "item.deleted", "b")
    assert json.loads(second["body"])["data"] == {"id": "b"}
    assert name != deleted
    assert name.startswith("evt_")
    assert len(name) == 36


def test_an_event_goes_to_those_who_want_it_once(store: Store, pair: tuple[StoredItem, StoredItem]) -> None:
    every, some, off = _hook(store, "every"), _hook(store, "some", "item.held"), _hook(store, "off")
    store.write(webhooks.set_active, off.seq, active=False)
    _emit(store, pair[0], "item.published", "item.held")
    assert store.read(deliveries.backlog) == {"waiting": 2, "dead": 0}
    assert store.write(deliveries.spread, at(1)) == 2
    assert store.write(deliveries.spread, at(1)) == 0
    assert [one.kind for one in store.read(deliveries.deliveries_of, every, None, None, 9)] == [
        "item.held",
        "item.published",
    ]
    assert [one.kind for one in store.read(deliveries.deliveries_of, some, None, None, 9)] == ["item.held"]
    assert store.read(deliveries.deliveries_of, off, None, None, 9) == []
    assert store.read(deliveries.backlog) == {"waiting": 3, "dead": 0}


def test_what_is_due_is_claimed_in_order_for_a_lease_and_settled(
    store: Store, pair: tuple[StoredItem, StoredItem]
) -> None:
    hook = _hook(store)
    first, second = _emit(store, pair[0], "item.published", "item.updated")
    store.write(deliveries.spread, at(1))
    assert store.read(deliveries.has_work, at(1))
    (due,) = store.write(deliveries.claim_due, at(1), LEASE, 1)
    assert due.delivery == Delivery(1, 1, first, "item.published", "a", T0, "waiting", 0, at(1), None, None, None)
    assert (due.webhook, '"type": "item.published"' in due.body) == (hook, True)
    (other,) = store.write(deliveries.claim_due, at(1), LEASE, 8)
    assert other.delivery.event_id == second
    assert store.write(deliveries.claim_due, at(1.9), LEASE, 8) == [], "both are being attempted"
    assert not store.read(deliveries.has_work, at(1.9))
    assert store.read(deliveries.has_work, at(2)), "who claimed them may be dead"
    store.write(deliveries.settle, due, "delivered", at(1), 204, None)
    store.write(deliveries.settle, other, "waiting", at(30), 500, "answered 500")
    late, early = store.read(deliveries.deliveries_of, hook, None, None, 9)
    assert early == Delivery(1, 1, first, "item.published", "a", T0, "delivered", 1, at(1), at(1), None, 204)
    assert late == Delivery(2, 1, second, "item.updated", "a", T0, "waiting", 1, at(30), at(1), "answered 500", 500)
    assert not store.read(deliveries.has_work, at(29))
    assert store.write(deliveries.claim_due, at(29), LEASE, 8) == []
    (again,) = store.write(deliveries.claim_due, at(30), LEASE, 8)
    assert (again.delivery.event_id, again.delivery.attempts) == (second, 1)
    store.write(deliveries.settle, again, "dead", at(31), None, "no connection")
    assert store.read(deliveries.backlog) == {"waiting": 0, "dead": 1}
    assert [one.event_id for one in store.read(deliveries.deliveries_of, hook, "dead", None, 9)] == [second]
    assert [one.event_id for one in store.read(deliveries.deliveries_of, hook, None, 2, 9)] == [first]
    assert [one.event_id for one in store.read(deliveries.deliveries_of, hook, None, None, 1)] == [second]


def test_who_is_switched_off_is_not_attempted(store: Store, pair: tuple[StoredItem, StoredItem]) -> None:
    hook = _hook(store)
    _emit(store, pair[0], "item.published")
    store.write(deliveries.spread, T0)
    store.write(webhooks.set_active, hook.seq, active=False)
    assert not store.read(deliveries.has_work, at(1))
    assert store.write(deliveries.claim_due, at(1), LEASE, 8) == []


def test_what_would_tell_of_an_erased_item_is_given_up(store: Store, pair: tuple[StoredItem, StoredItem]) -> None:
    hook = _hook(store)
    _emit(store, pair[0], "item.published")
    _emit(store, pair[1], "item.published")
    store.write(deliveries.spread, T0)
    store.write(items.erase, pair[0])
    (due,) = store.write(deliveries.claim_due, T0, LEASE, 8)
    assert due.delivery.item_id == "b"
    (dead,) = store.read(deliveries.deliveries_of, hook, "dead", None, 9)
    assert (dead.item_id, dead.last_error) == ("a", "its item was deleted")


def test_events_are_sent_again_by_name_by_time_or_because_they_are_dead(
    store: Store, pair: tuple[StoredItem, StoredItem]
) -> None:
    hook, other = _hook(store), _hook(store, "other")
    names = [_emit(store, pair[0], "item.published", when=at(minute))[0] for minute in range(4)]
    store.write(deliveries.spread, at(5))
    for due in store.write(deliveries.claim_due, at(5), LEASE, 99):
        outcome = "dead" if due.delivery.event_id == names[3] else "delivered"
        store.write(deliveries.settle, due, outcome, at(5), 200, "why")
    store.write(webhooks.set_active, hook.seq, active=False)

    def again(**how: Any) -> list[str]:
        given: dict[str, Any] = {"since": None, "events": []} | how
        count = store.write(deliveries.send_again, hook, at(9), **given)
        waiting = store.read(deliveries.deliveries_of, hook, "waiting", None, 99)
        assert count == len(waiting)
        assert all((one.attempts, one.next_attempt, one.last_error) == (0, at(9), None) for one in waiting)
        for due in store.write(deliveries.claim_due, at(9), LEASE, 99):
            store.write(deliveries.settle, due, "delivered", at(9), 200, None)
        return sorted(one.event_id for one in waiting)

    assert again() == [names[3]], "what is dead"
    found = store.read(webhooks.webhook, "hook")
    assert found is not None
    assert found.active, "to ask for events is to be there again"
    assert again() == []
    assert again(events=[names[0], names[2]]) == sorted([names[0], names[2]])
    assert again(since=at(2)) == sorted(names[2:])
    states = {one.state for one in store.read(deliveries.deliveries_of, other, None, None, 99)}
    assert states == {"delivered", "dead"}, "the other's are left alone"


def test_old_events_are_forgotten_unless_somebody_waits_for_them(
    store: Store, pair: tuple[StoredItem, StoredItem]
) -> None:
    _emit(store, pair[0], "item.published", when=at(-100))  # before anybody wanted it: spread to nobody
    store.write(deliveries.spread, T0)
    _hook(store)
    _emit(store, pair[0], "item.held", when=at(-100))
    store.write(deliveries.spread, T0)
    _emit(store, pair[0], "item.updated", when=at(-100))  # not spread yet
    assert store.write(deliveries.forget_old, at(-100)) == 0, "they are as old as that, and no older"
    assert store.write(deliveries.forget_old, at(-99)) == 1
    with store.reading() as connection:
        assert list(connection.scalars(select(outbox.c.kind).order_by(outbox.c.seq))) == ["item.held", "item.updated"]


def test_nobody_waits_for_what_is_dead_or_for_one_who_is_switched_off(
    store: Store, pair: tuple[StoredItem, StoredItem]
) -> None:
    hook, off = _hook(store, "hook", "item.held"), _hook(store, "off", "item.updated")
    _emit(store, pair[0], "item.held", "item.updated", when=at(-100))
    store.write(deliveries.spread, T0)
    store.write(webhooks.set_active, off.seq, active=False)
    (due,) = store.write(deliveries.claim_due, T0, LEASE, 8)
    store.write(deliveries.settle, due, "dead", T0, 500, "answered 500")
    assert store.write(deliveries.forget_old, at(-99)) == 2
    assert store.read(deliveries.backlog) == {"waiting": 0, "dead": 0}
    assert store.read(deliveries.deliveries_of, hook, None, None, 9) == []


def test_what_is_sent_again_during_its_last_attempt_is_attempted_again(
    store: Store, pair: tuple[StoredItem, StoredItem]
) -> None:
    hook = _hook(store)
    _emit(store, pair[0], "item.published")
    store.write(deliveries.spread, T0)
    (due,) = store.write(deliveries.claim_due, T0, LEASE, 8)
    assert store.write(deliveries.send_again, hook, at(0.1), since=T0, events=[]) == 1
    assert not store.write(deliveries.settle, due, "dead", at(0.2), 500, "answered 500")
    (again,) = store.write(deliveries.claim_due, at(0.2), LEASE, 8)
    assert again.delivery.attempts == 0
    assert store.write(deliveries.settle, again, "delivered", at(0.3), 204, None)


def test_what_happened_while_a_webhook_was_switched_off_is_sent_when_it_is_asked_for(
    store: Store, pair: tuple[StoredItem, StoredItem]
) -> None:
    before = _emit(store, pair[0], "item.published", when=at(-1))
    store.write(deliveries.spread, T0)
    hook = _hook(store, "hook", "item.published", "item.held")
    store.write(webhooks.set_active, hook.seq, active=False)
    meanwhile = _emit(store, pair[0], "item.held", "item.updated", when=at(1))
    store.write(deliveries.spread, at(2))
    assert store.write(deliveries.send_again, hook, at(3), since=T0, events=[]) == 1
    assert [due.delivery.event_id for due in store.write(deliveries.claim_due, at(3), LEASE, 9)] == [meanwhile[0]]
    assert store.write(deliveries.send_again, hook, at(3.5), since=None, events=before) == 1
    assert [due.delivery.event_id for due in store.write(deliveries.claim_due, at(3.5), LEASE, 9)] == before


def test_one_webhook_takes_no_more_than_its_share_of_the_attempts(
    store: Store, pair: tuple[StoredItem, StoredItem]
) -> None:
    one, other = _hook(store, "one", "item.published"), _hook(store, "other", "item.held")
    _emit(store, pair[0], *["item.published"] * 9, "item.held")
    store.write(deliveries.spread, T0)
    claimed = store.write(deliveries.claim_due, T0, LEASE, 8, 4, {one.seq: 1})
    assert [due.webhook.seq for due in claimed] == [one.seq] * 3 + [other.seq]
    assert store.write(deliveries.claim_due, T0, LEASE, 8, 4, {one.seq: 4}) == []
    assert not store.read(deliveries.has_work, T0, [one.seq])
    assert store.read(deliveries.has_work, T0)


def test_a_request_that_comes_again_is_answered_as_before_for_a_day(store: Store) -> None:
    claim = idempotency.Claim("cms", "key 1", b"request")
    answered = idempotency.Answered(201, {"etag": "x"}, '{"id": "a"}')
    store.read(idempotency.begin, claim)
    store.write(idempotency.keep, claim, answered, T0, None)
    with pytest.raises(idempotency.AnsweredError, match="answered before with 201") as again:
        store.read(idempotency.begin, claim)
    assert again.value.answered == answered
    with pytest.raises(idempotency.OtherRequestError, match="'key 1' was used for another request; draw a new one"):
        store.read(idempotency.begin, idempotency.Claim("cms", "key 1", b"other"))
    store.read(idempotency.begin, idempotency.Claim("other", "key 1", b"request"))
    store.read(idempotency.begin, idempotency.Claim("cms", "key 2", b"request"))
    store.write(idempotency.keep, idempotency.Claim("cms", "key 2", b"r"), answered, T0 + timedelta(hours=24), None)
    with pytest.raises(idempotency.AnsweredError):
        store.read(idempotency.begin, claim)
    store.write(idempotency.keep, idempotency.Claim("cms", "key 3", b"r"), answered, at(24 * 60 + 1), None)
    store.read(idempotency.begin, claim)
