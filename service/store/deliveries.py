"""Each event's way to those who want it: waiting, delivered or dead."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from service.store.records import micros, moment_of, moment_or_none
from service.store.webhooks import Webhook, all_webhooks, set_active
from service.tables import deliveries, outbox, webhooks

Outcome = Literal["delivered", "waiting", "dead"]
_SPREAD_AT_ONCE = 500
_ERASED = "{}"  # the body of an event whose item was deleted since
_NONE: Mapping[int, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one webhook."""

    event_seq: int
    webhook_seq: int
    event_id: str
    kind: str
    item_id: str
    created: datetime
    state: Outcome
    attempts: int
    next_attempt: datetime
    last_attempt: datetime | None
    last_error: str | None
    status: int | None


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that this process is to attempt now."""

    delivery: Delivery
    webhook: Webhook
    body: str
    until: datetime  # nobody else attempts it before


def has_work(connection: Connection, now: datetime, full: Collection[int] = ()) -> bool:
    """Whether something is new or due: read often, so that nothing is written when there is nothing to do.

    ``full``: the numbers of webhooks to which no further attempt is to be made now.
    """
    fresh = select(outbox.c.seq).where(~outbox.c.spread)
    of = webhooks.c.active, webhooks.c.seq.not_in(full), deliveries.c.webhook_seq == webhooks.c.seq
    due = select(deliveries.c.event_seq).where(deliveries.c.state == "waiting", _is_due(now), *of)
    return connection.execute(select(fresh.exists() | due.exists())).scalar_one()


def spread(connection: Connection, now: datetime) -> int:
    """Put what is new in the outbox on its way to everyone who wants it; how many events that were."""
    fresh = connection.execute(
        select(outbox.c.seq, outbox.c.kind).where(~outbox.c.spread).order_by(outbox.c.seq).limit(_SPREAD_AT_ONCE)
    ).all()
    if not fresh:
        return 0
    active = [hook for hook in all_webhooks(connection) if hook.active]
    for seq, kind in fresh:
        # The row is taken first: another node that spreads at the same time finds it taken and leaves it.
        taken = connection.execute(update(outbox).where(outbox.c.seq == seq, ~outbox.c.spread).values(spread=True))
        if taken.rowcount:
            _send_to(connection, seq, [hook.seq for hook in active if hook.wants(kind)], now)
    return len(fresh)


def _send_to(connection: Connection, event_seq: int, hooks: list[int], now: datetime) -> None:
    waiting = {"event_seq": event_seq, "state": "waiting", "attempts": 0, "next_attempt": micros(now)}
    if hooks:
        connection.execute(insert(deliveries), [{**waiting, "webhook_seq": hook} for hook in hooks])


def claim_due(
    connection: Connection,
    now: datetime,
    lease: timedelta,
    limit: int,
    each: int | None = None,
    under_way: Mapping[int, int] = _NONE,
) -> list[Due]:
    """At most ``limit`` deliveries that are due, counted as attempted: they are this process's until ``lease`` is over.

    ``each``: at most so many to one webhook, with those that are ``under_way`` to it by its number. A process that dies
    in between leaves them to be attempted again then: at least once, under the same event id.
    """
    most = limit if each is None else each
    hooks = {hook.seq: hook for hook in all_webhooks(connection) if hook.active}
    room = {seq: most - under_way.get(seq, 0) for seq in hooks}
    claimed: list[Due] = []
    # Again as long as a webhook whose room was taken up stood before others.
    while rows := _due(connection, now, [seq for seq in room if room[seq] > 0], limit - len(claimed)):
        for row in rows:
            seq = row["webhook_seq"]
            if room[seq] > 0 and _claim(connection, row, now, now + lease):
                room[seq] -= 1
                claimed.append(Due(_delivery(row), hooks[seq], row["body"], now + lease))
    return claimed


def _due(connection: Connection, now: datetime, hooks: list[int], limit: int) -> Sequence[RowMapping]:
    """What is due to these webhooks, what was due first first."""
    query = (
        _listed(deliveries, outbox.c.body)
        .where(deliveries.c.state == "waiting", _is_due(now), webhooks.c.seq.in_(hooks))
        .order_by(deliveries.c.next_attempt, deliveries.c.event_seq)
        .limit(limit)
    )
    return connection.execute(query).mappings().all()


def _claim(connection: Connection, row: RowMapping, now: datetime, until: datetime) -> bool:
    """Whether a delivery could be taken: another node may have been faster, and what was erased is given up."""
    change = update(deliveries).where(_as_left(row["event_seq"], row["webhook_seq"], row["next_attempt"]))
    if row["body"] == _ERASED:  # that its item was deleted is an event of its own
        connection.execute(change.values(state="dead", last_error="its item was deleted"))
        return False
    values = {"next_attempt": micros(until), "last_attempt": micros(now), "attempts": deliveries.c.attempts + 1}
    return connection.execute(change.values(values)).rowcount == 1


def settle(
    connection: Connection, due: Due, outcome: Outcome, next_attempt: datetime, status: int | None, error: str | None
) -> bool:
    """Write how an attempt ended. False when there is nothing to write: it is to be sent again, or was given up."""
    of = due.delivery
    values = {"state": outcome, "next_attempt": micros(next_attempt), "status": status, "last_error": error}
    as_claimed = _as_left(of.event_seq, of.webhook_seq, micros(due.until))
    return connection.execute(update(deliveries).where(as_claimed).values(values)).rowcount == 1


def deliveries_of(
    connection: Connection, of: Webhook, state: Outcome | None, before: int | None, limit: int
) -> list[Delivery]:
    """What is or was on its way to a webhook, the latest event first."""
    query = _listed(deliveries).where(deliveries.c.webhook_seq == of.seq).order_by(deliveries.c.event_seq.desc())
    if state is not None:
        query = query.where(deliveries.c.state == state)
    if before is not None:
        query = query.where(deliveries.c.event_seq < before)
    return [_delivery(row) for row in connection.execute(query.limit(limit)).mappings()]


def send_again(connection: Connection, of: Webhook, now: datetime, *, since: datetime | None, events: list[str]) -> int:
    """Send events again under their own ids: those named, or all since a moment, or what is dead; how many.

    Those named, and those since a moment that it wants, also when they were never on their way to it: they happened
    before it was there, or while it was switched off.
    """
    set_active(connection, of.seq, active=True)
    chosen = select(outbox.c.seq).where(outbox.c.spread, outbox.c.body != _ERASED)
    if events:
        chosen = chosen.where(outbox.c.id.in_(events))
    elif since is not None:
        chosen = chosen.where(outbox.c.created >= micros(since))
        chosen = chosen.where(outbox.c.kind.in_(of.events)) if of.events else chosen
    change = update(deliveries).where(deliveries.c.webhook_seq == of.seq, deliveries.c.event_seq.in_(chosen))
    if events or since is not None:
        _add_missing(connection, of, chosen, now)
    else:
        change = change.where(deliveries.c.state == "dead")
    again = {"state": "waiting", "attempts": 0, "next_attempt": micros(now), "last_error": None}
    return connection.execute(change.values(again)).rowcount


def _add_missing(connection: Connection, of: Webhook, chosen: Select[Any], now: datetime) -> None:
    """Put on its way to a webhook what of the chosen events never was."""
    there = select(deliveries.c.event_seq).where(deliveries.c.webhook_seq == of.seq)
    values = literal(of.seq), literal("waiting"), literal(0), literal(micros(now))
    missing = chosen.add_columns(*values).where(outbox.c.seq.not_in(there))
    names = ["event_seq", "webhook_seq", "state", "attempts", "next_attempt"]
    connection.execute(insert(deliveries).from_select(names, missing))


def backlog(connection: Connection) -> dict[str, int]:
    """How many deliveries wait, and how many are dead; events that are not spread yet count as waiting."""
    number = func.count().label("number")
    # By name and not by "any but delivered": so that the index leads to them past a month of what was delivered.
    query = select(deliveries.c.state, number).where(deliveries.c.state.in_(("waiting", "dead")))
    found = connection.execute(query.group_by(deliveries.c.state))
    counts = {"waiting": 0, "dead": 0} | {row.state: row.number for row in found}
    counts["waiting"] += connection.scalar(select(func.count()).where(~outbox.c.spread)) or 0
    return counts


def forget_old(connection: Connection, before: datetime) -> int:
    """Delete events that are older, dead ones too, unless they are on their way to somebody; how many."""
    waiting = deliveries.join(webhooks, deliveries.c.webhook_seq == webhooks.c.seq)
    waited_for = select(deliveries.c.event_seq).select_from(waiting)
    waited_for = waited_for.where(deliveries.c.state == "waiting", webhooks.c.active)
    old = and_(outbox.c.spread, outbox.c.created < micros(before), outbox.c.seq.not_in(waited_for))
    return connection.execute(delete(outbox).where(old)).rowcount


def _listed(*columns: Any) -> Select[Any]:
    joined = deliveries.join(outbox, deliveries.c.event_seq == outbox.c.seq).join(
        webhooks, deliveries.c.webhook_seq == webhooks.c.seq
    )
    own = (outbox.c.id.label("event_id"), outbox.c.kind, outbox.c.item_id, outbox.c.created)
    return select(*columns, *own).select_from(joined)


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Whether a delivery is to be attempted: its time has come, or it was never attempted.

    The latter whatever its time: that of an event from before the clock was put back is still ahead.
    """
    return or_(deliveries.c.next_attempt <= micros(now), deliveries.c.attempts == 0)


def _as_left(event_seq: int, webhook_seq: int, next_attempt: int) -> ColumnElement[bool]:
    """That a delivery still waits as it was left: whoever claims it, or sends it again, gives it another time."""
    is_it = and_(deliveries.c.event_seq == event_seq, deliveries.c.webhook_seq == webhook_seq)
    return and_(is_it, deliveries.c.state == "waiting", deliveries.c.next_attempt == next_attempt)


def _delivery(row: RowMapping) -> Delivery:
    return Delivery(
        event_seq=row["event_seq"],
        webhook_seq=row["webhook_seq"],
        event_id=row["event_id"],
        kind=row["kind"],
        item_id=row["item_id"],
        created=moment_of(row["created"]),
        state=row["state"],
        attempts=row["attempts"],
        next_attempt=moment_of(row["next_attempt"]),
        last_attempt=moment_or_none(row["last_attempt"]),
        last_error=row["last_error"],
        status=row["status"],
    )
