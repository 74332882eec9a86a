"""Who is told of what happens: the subscriptions, their secrets, and whether they can be reached."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from service.store.records import micros, moment_of, moment_or_none
from service.tables import webhooks


@dataclass(frozen=True, slots=True)
class Webhook:
    """A subscription. While its secret is rotated it signs with the previous one too."""

    seq: int
    id: str
    url: str
    events: tuple[str, ...]  # kinds; empty: all
    secret: str
    previous_secret: str | None
    previous_until: datetime | None
    active: bool
    created: datetime
    created_by: str
    failing_since: datetime | None

    def secrets(self, now: datetime) -> list[str]:
        """What an attempt is signed with, the newest first."""
        old = self.previous_secret if self.previous_until and now < self.previous_until else None
        return [self.secret, *([old] if old else [])]

    def wants(self, kind: str) -> bool:
        """Whether it is told of events of this kind."""
        return not self.events or kind in self.events


def add_webhook(
    connection: Connection, webhook_id: str, url: str, events: Iterable[str], secret: str, who: str, now: datetime
) -> Webhook:
    """Store a new subscription."""
    values = {
        "id": webhook_id, "url": url, "events": json.dumps(list(events)), "secret": secret, "active": True,
        "created": micros(now), "created_by": who,
    }  # fmt: skip
    connection.execute(insert(webhooks).values(values))
    found = webhook(connection, webhook_id)
    assert found is not None  # noqa: S101  # written a moment ago, in the same transaction
    return found


def webhook(connection: Connection, webhook_id: str) -> Webhook | None:
    """The subscription of this id, if there is one."""
    row = connection.execute(select(webhooks).where(webhooks.c.id == webhook_id)).mappings().one_or_none()
    return None if row is None else _webhook(row)


def all_webhooks(connection: Connection) -> list[Webhook]:
    """Every subscription, the first one first."""
    return [_webhook(row) for row in connection.execute(select(webhooks).order_by(webhooks.c.seq)).mappings()]


def delete_webhook(connection: Connection, webhook_id: str) -> bool:
    """End a subscription; what was on its way to it is not sent. False when there is none of this id."""
    return connection.execute(delete(webhooks).where(webhooks.c.id == webhook_id)).rowcount == 1


def rotate_secret(connection: Connection, of: Webhook, secret: str, until: datetime) -> None:
    """Sign with ``secret``, and with the present one as well ``until`` then."""
    change = {"secret": secret, "previous_secret": of.secret, "previous_until": micros(until)}
    connection.execute(update(webhooks).where(webhooks.c.seq == of.seq).values(change))


def note_failing(connection: Connection, hook_seq: int, since: datetime) -> None:
    """Note since when a webhook fails; one that fails already keeps its date."""
    first = webhooks.c.seq == hook_seq, webhooks.c.failing_since.is_(None)
    connection.execute(update(webhooks).where(*first).values(failing_since=micros(since)))


def note_working(connection: Connection, hook_seq: int) -> None:
    """Note that a webhook can be reached."""
    failing = webhooks.c.seq == hook_seq, webhooks.c.failing_since.is_not(None)
    connection.execute(update(webhooks).where(*failing).values(failing_since=None))


def set_active(connection: Connection, hook_seq: int, *, active: bool) -> None:
    """Call a webhook, or leave it alone."""
    connection.execute(update(webhooks).where(webhooks.c.seq == hook_seq).values(active=active))


def _webhook(row: RowMapping) -> Webhook:
    return Webhook(
        seq=row["seq"],
        id=row["id"],
        url=row["url"],
        events=tuple(json.loads(row["events"])),
        secret=row["secret"],
        previous_secret=row["previous_secret"],
        previous_until=moment_or_none(row["previous_until"]),
        active=row["active"],
        created=moment_of(row["created"]),
        created_by=row["created_by"],
        failing_since=moment_or_none(row["failing_since"]),
    )
