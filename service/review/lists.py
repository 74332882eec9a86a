"""A queue's filters as an address has them, and the addresses that follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, get_args
from urllib.parse import urlencode

from service.store.queue import Filters, Order
from service.store.records import Status

_DEFAULT = Filters()
_LONGEST = 200


def parsed(given: Mapping[str, str]) -> Filters:
    """The filters in a query; what makes no sense is as if it were not there."""
    status, order = given.get("status", ""), given.get("order", "")
    words = {name: given.get(name, "")[:_LONGEST] for name in ("reason", "source", "section", "language", "q")}
    return Filters(
        status=status if status in get_args(Status) else _DEFAULT.status,  # type: ignore[arg-type]  # looked up
        order=order if order in get_args(Order) else _DEFAULT.order,  # type: ignore[arg-type]  # looked up
        score=_share(given.get("score", "")),
        **words,
    )


def _share(given: str) -> float | None:
    try:
        value = float(given)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def query(filters: Filters, **more: Any) -> str:
    """The filters that are not the usual ones, as a query."""
    named = {name: value for name, value in asdict(filters).items() if value != getattr(_DEFAULT, name)}
    return urlencode(named | {name: value for name, value in more.items() if value not in (None, "", 0)})


def queue_href(filters: Filters, **more: Any) -> str:
    """The address of the queue."""
    asked = query(filters, **more)
    return f"/review?{asked}" if asked else "/review"


def item_href(item_id: str, filters: Filters, **more: Any) -> str:
    """The address of an item, from which the next one of the same queue is known."""
    return f"/review/item?{query(filters, **more, id=item_id)}"


def feed_href(filters: Filters) -> str:
    """The address of the queue as Atom."""
    asked = query(filters)
    return f"/review/feed.atom?{asked}" if asked else "/review/feed.atom"
