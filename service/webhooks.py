"""The routes of webhooks: subscribe, list, rotate a secret, look at deliveries, send again, end."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy import Connection

from service.callers import CallerDep
from service.limits import require_json
from service.outbound import CallError, RefusedAddressError, check_url, resolve
from service.problems import ProblemError, documented
from service.signing import make_secret
from service.state import ServiceDep
from service.store import webhooks as table
from service.store.deliveries import Delivery, Outcome, deliveries_of, send_again
from service.store.webhooks import Webhook
from service.webhook_messages import (
    DeliveryOut,
    DeliveryPage,
    ReplayIn,
    ReplayOut,
    WebhookIn,
    WebhookOut,
    Webhooks,
)

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

_OVERLAP = timedelta(hours=24)  # for so long a rotated secret still signs
_common = (401, 403, 421, 429, 500, 503)
_json = (400, 413, 415, 422)


@router.post(
    "",
    status_code=201,
    dependencies=[Depends(require_json)],
    responses=documented(*_json, *_common),
    summary="Subscribe an address",
)
async def subscribe(given: WebhookIn, service: ServiceDep, caller: CallerDep, response: Response) -> WebhookOut:
    """Call an address at every event, signed as Standard Webhooks has it. Its secret is answered here alone."""
    await _check(given.url, allow_private=service.settings.webhooks_private)
    secret, now = make_secret(), datetime.now(UTC)
    made = await asyncio.to_thread(
        service.store.write, table.add_webhook, f"wh_{token_hex(8)}", given.url, given.events, secret, caller.name, now
    )
    response.headers["Location"] = f"/v1/webhooks/{made.id}"
    return _shown(made, secret=secret)


@router.get("", responses=documented(*_common), summary="Subscriptions")
async def browse(service: ServiceDep) -> Webhooks:
    """Every subscription, the first one first."""
    found = await asyncio.to_thread(service.store.read, table.all_webhooks)
    return Webhooks(webhooks=[_shown(one) for one in found])


@router.get("/{webhook_id}", responses=documented(404, 422, *_common), summary="A subscription")
async def read(webhook_id: str, service: ServiceDep) -> WebhookOut:
    """A subscription as it stands, without its secret."""
    return _shown(await asyncio.to_thread(service.store.read, _known, webhook_id))


@router.delete("/{webhook_id}", status_code=204, responses=documented(404, 422, *_common), summary="End a subscription")
async def end(webhook_id: str, service: ServiceDep) -> None:
    """Call the address no more; what was on its way to it is not sent."""
    if not await asyncio.to_thread(service.store.write, table.delete_webhook, webhook_id):
        raise _unknown(webhook_id)


@router.post("/{webhook_id}/rotate", responses=documented(404, 422, *_common), summary="Rotate a secret")
async def rotate(webhook_id: str, service: ServiceDep) -> WebhookOut:
    """Make a new secret. For 24 hours each call is signed with the present one too, so that a receiver can change."""
    secret = make_secret()

    def change(connection: Connection) -> Webhook:
        table.rotate_secret(connection, _known(connection, webhook_id), secret, datetime.now(UTC) + _OVERLAP)
        return _known(connection, webhook_id)

    return _shown(await asyncio.to_thread(service.store.write, change), secret=secret)


@router.get("/{webhook_id}/deliveries", responses=documented(404, 422, *_common), summary="Deliveries")
async def deliveries(
    webhook_id: str,
    service: ServiceDep,
    state: Annotated[Outcome | None, Query(description="dead: those that are attempted no more")] = None,
    cursor: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="next, as the page before gave it")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> DeliveryPage:
    """Events that are or were on their way to this address, the latest first."""

    def look(connection: Connection) -> list[Delivery]:
        return deliveries_of(connection, _known(connection, webhook_id), state, cursor, limit + 1)

    found = await asyncio.to_thread(service.store.read, look)
    following = str(found[limit - 1].event_seq) if len(found) > limit else None
    return DeliveryPage(deliveries=[_delivery(one) for one in found[:limit]], next=following)


@router.post(
    "/{webhook_id}/replay",
    status_code=202,
    dependencies=[Depends(require_json)],
    responses=documented(404, *_json, *_common),
    summary="Send again",
)
async def replay(webhook_id: str, given: ReplayIn, service: ServiceDep) -> ReplayOut:
    """Send events again, under the ids that they had: those named, or all since a moment, or all that are dead."""

    def change(connection: Connection) -> int:
        hook = _known(connection, webhook_id)
        return send_again(connection, hook, datetime.now(UTC), since=given.since, events=given.events)

    count = await asyncio.to_thread(service.store.write, change)
    service.deliverer.wake()
    return ReplayOut(events=count)


async def _check(url: str, *, allow_private: bool) -> None:
    """Raise ProblemError for an address that would never be called. What it is later is checked at each call."""
    try:
        check_url(url)
        parts = urlsplit(url)
        await resolve(parts.hostname or "", parts.port or 443, allow_private=allow_private)
    except (RefusedAddressError, CallError) as error:
        raise ProblemError(422, "invalid-request", f"url: {error}") from error


def _known(connection: Connection, webhook_id: str) -> Webhook:
    found = table.webhook(connection, webhook_id)
    if found is None:
        raise _unknown(webhook_id)
    return found


def _unknown(webhook_id: str) -> ProblemError:
    return ProblemError(404, "not-found", f"no webhook has the id {webhook_id!r}")


def _shown(hook: Webhook, *, secret: str | None = None) -> WebhookOut:
    return WebhookOut(
        id=hook.id,
        url=hook.url,
        events=list(hook.events),
        active=hook.active,
        created=hook.created,
        created_by=hook.created_by,
        failing_since=hook.failing_since,
        secret=secret,
    )


def _delivery(of: Delivery) -> DeliveryOut:
    return DeliveryOut(
        event=of.event_id,
        kind=of.kind,
        item=of.item_id,
        created=of.created,
        state=of.state,
        attempts=of.attempts,
        next_attempt=of.next_attempt if of.state == "waiting" else None,
        status=of.status,
        error=of.last_error,
    )
