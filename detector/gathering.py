"""What is known of the items of a collection once their texts were read, wherever that was.

Whoever gathers need not load what reads and compares texts.
"""

from __future__ import annotations

import pickle  # nosec B403  # what is read was written by this run, in a folder of its own
from collections.abc import Container, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.dedup.collection import Columns, Gathering, Laid, map_arrays, map_columns, write_arrays
from detector.dedup.order import Order, replaced

if TYPE_CHECKING:
    from detector.asides import Asides

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]

_KNOWN = "known"


class Known(NamedTuple):
    """What is known of n items besides their texts, in columns: to send a record for each takes longer than to read."""

    ids: list[str]
    titles: list[str]
    urls: list[str | None]
    sources: list[str | None]
    linked: list[Asides]  # where each text has nothing but links
    digests: list[str]  # of the normalised texts, empty for one without a token
    published: Longs  # microseconds since 1970, UNDATED for none, shape (n,)

    def date(self, place: int) -> datetime | None:
        """When an item was published."""
        moment = int(self.published[place])
        return None if moment == UNDATED else _EPOCH + timedelta(microseconds=moment)


UNDATED = -(2**63)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moment: datetime | None) -> int:
    """A date as ``Known`` has it."""
    return UNDATED if moment is None else (moment - _EPOCH) // timedelta(microseconds=1)


class Texts(NamedTuple):
    """Some items with their texts, as one process reads them; shape (n,) each."""

    known: Known
    orders: list[tuple[Any, ...]]  # by which the policy sorts them
    since: Floats  # seconds since 1970; nothing before is looked at
    limits: Longs  # candidates at most
    least: Floats  # confidence of a copy that a verdict acts on
    laid: Laid


_NO_NUMBERS = np.zeros(0, np.int64)
_NONE = Texts(Known([], [], [], [], [], [], _NO_NUMBERS), [], np.zeros(0), _NO_NUMBERS, np.zeros(0), Laid.of_nothing())


class Collection(NamedTuple):
    """All that was read of a collection."""

    known: Known
    columns: Columns
    order: Order

    def write(self, folder: Path) -> None:
        """Put the rest beside the columns that were gathered there."""
        (folder / _KNOWN).write_bytes(pickle.dumps(self.known, pickle.HIGHEST_PROTOCOL))
        write_arrays(self.order, folder)


def open_collection(folder: Path) -> Collection:
    """What was written to a folder."""
    # Written by this user's own process a moment ago, in a folder that nobody else may enter.
    known = pickle.loads((folder / _KNOWN).read_bytes())  # noqa: S301  # nosec B301
    return Collection(known, map_columns(folder), map_arrays(Order, folder))


class Gathered:
    """What was read so far."""

    def __init__(self, folder: Path | None) -> None:
        self._columns = Gathering(folder)
        self._read = [_NONE]
        self._places: list[int] = []  # of the items that are looked at, and what each is sorted by
        self._orders: list[tuple[Any, ...]] = []
        self._items = 0

    def add(self, read: Texts, passed_over: Container[int] = ()) -> None:
        """Some items; at those places among them that are ``passed_over`` there is none to be looked at."""
        for at, (order, digest) in enumerate(zip(read.orders, read.known.digests, strict=True)):
            if digest and at not in passed_over:
                self._places.append(self._items + at)
                self._orders.append(order)
        self._items += len(read.orders)
        self._columns.add(read.laid)
        self._read.append(read._replace(orders=[], laid=_NONE.laid))  # both are held already

    def finish(self) -> Collection:
        """All that was read, in the policy's order."""
        known = Known(*(_joined(column) for column in zip(*(read.known for read in self._read), strict=True)))
        order = sorted(range(len(self._orders)), key=self._orders.__getitem__)
        places = np.array(self._places, np.int64)[order]
        moments = np.where(known.published == UNDATED, np.inf, known.published / 1_000_000)
        since, limits, least = (
            _joined([getattr(read, name) for read in self._read])[places] for name in ("since", "limits", "least")
        )
        ids, digests = ([column[place] for place in places.tolist()] for column in (known.ids, known.digests))
        found = Order(places, moments[places], since, limits, least, *replaced(ids, digests))
        return Collection(known, self._columns.finish(), found)


def _joined(parts: Sequence[Any]) -> Any:
    """Lists or arrays as one."""
    return np.concatenate(parts) if isinstance(parts[0], np.ndarray) else list(chain.from_iterable(parts))
