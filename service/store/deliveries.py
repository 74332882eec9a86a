"""Each event's way to those who want it: waiting, delivered or dead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, delete, func, insert, or_, select, update

from service.store.records import micros, moment_of, moment_or_none
from service.store.webhooks import Webhook, all_webhooks, set_active
from service.tables import deliveries, outbox, webhooks

Outcome = Literal["delivered", "waiting", "dead"]
_SPREAD_AT_ONCE = 500


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


def has_work(connection: Connection, now: datetime) -> bool:
    """Whether something is new or due: read often, so that nothing is written when there is nothing to do."""
    fresh = select(outbox.c.seq).where(~outbox.c.spread)
    due = select(deliveries.c.event_seq).where(
        deliveries.c.state == "waiting", _is_due(now), webhooks.c.active, deliveries.c.webhook_seq == webhooks.c.seq
    )
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


def claim_due(connection: Connection, now: datetime, lease: timedelta, limit: int) -> list[Due]:
    """Deliveries that are due, counted as attempted: nobody else attempts them before ``lease`` is over.

    A process that dies in between leaves them to be attempted again then: at least once, under the same event id.
    """
    query = (
        _listed(deliveries, outbox.c.body)
        .where(deliveries.c.state == "waiting", _is_due(now), webhooks.c.active)
        .order_by(deliveries.c.next_attempt, deliveries.c.event_seq)
        .limit(limit)
    )
    _drop_erased(connection)
    hooks = {hook.seq: hook for hook in all_webhooks(connection)}
    claimed = []
    for row in connection.execute(query).mappings().all():
        as_read = (deliveries.c.state == "waiting") & (deliveries.c.next_attempt == row["next_attempt"])
        change = (
            update(deliveries)
            .where(_is(row["event_seq"], row["webhook_seq"]), as_read)
            .values(next_attempt=micros(now + lease), last_attempt=micros(now), attempts=deliveries.c.attempts + 1)
        )
        if connection.execute(change).rowcount:
            claimed.append(Due(_delivery(row), hooks[row["webhook_seq"]], row["body"]))
    return claimed


def _drop_erased(connection: Connection) -> None:
    """Give up what would tell of an item that was deleted since; that it was deleted is an event of its own."""
    erased = select(outbox.c.seq).where(outbox.c.body == "{}")
    change = update(deliveries).where(deliveries.c.state == "waiting", deliveries.c.event_seq.in_(erased))
    connection.execute(change.values(state="dead", last_error="its item was deleted"))


def settle(
    connection: Connection, due: Due, outcome: Outcome, next_attempt: datetime, status: int | None, error: str | None
) -> None:
    """Write how an attempt ended."""
    of = due.delivery
    values = {"state": outcome, "next_attempt": micros(next_attempt), "status": status, "last_error": error}
    connection.execute(update(deliveries).where(_is(of.event_seq, of.webhook_seq)).values(values))


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
    """Send events again under their own ids: those named, or all since a moment, or what is dead; how many."""
    chosen = select(outbox.c.seq)
    if events:
        chosen = chosen.where(outbox.c.id.in_(events))
    elif since is not None:
        chosen = chosen.where(outbox.c.created >= micros(since))
    change = update(deliveries).where(deliveries.c.webhook_seq == of.seq, deliveries.c.event_seq.in_(chosen))
    if not events and since is None:
        change = change.where(deliveries.c.state == "dead")
    again = {"state": "waiting", "attempts": 0, "next_attempt": micros(now), "last_error": None}
    set_active(connection, of.seq, active=True)
    return connection.execute(change.values(again)).rowcount


def backlog(connection: Connection) -> dict[str, int]:
    """How many deliveries wait, and how many are dead; events that are not spread yet count as waiting."""
    number = func.count().label("number")
    query = select(deliveries.c.state, number).where(deliveries.c.state != "delivered").group_by(deliveries.c.state)
    counts = {"waiting": 0, "dead": 0} | {row.state: row.number for row in connection.execute(query)}
    counts["waiting"] += connection.scalar(select(func.count()).where(~outbox.c.spread)) or 0
    return counts


def forget_delivered(connection: Connection, before: datetime) -> int:
    """Delete events that are older, and that nobody waits for; how many."""
    waited_for = select(deliveries.c.event_seq).where(deliveries.c.state != "delivered")
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


def _is(event_seq: int, webhook_seq: int) -> ColumnElement[bool]:
    return and_(deliveries.c.event_seq == event_seq, deliveries.c.webhook_seq == webhook_seq)


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
