"""Which index is in use: the store's, also after ``copytaster reindex`` has made another of it beside this server.

The new one is filled in a thread of its own while the old one answers, and taken into use between two transactions.
"""

from __future__ import annotations

import logging
from concurrent.futures import Future
from threading import Thread

from sqlalchemy import Connection

from detector import Sketching
from service.hot_index import HotIndex
from service.sqlite import StoreError
from service.store import Store, making
from service.store.reindexing import EVERYTHING

_log = logging.getLogger(__name__)


class SupersededError(StoreError):
    """The store's index was made again by another version of copytaster, which must serve it from now on."""


class Shelf:
    """The index in use, and the next one while it is filled. For one thread."""

    def __init__(self, store: Store, sketching: Sketching, making_: int) -> None:
        """``making_``: the number under which the store knows how sketches are made."""
        self.sketching = sketching
        self.making = making_
        self.index = HotIndex(sketching)
        self.superseded = False
        self._store = store
        self._next: Future[HotIndex] | None = None

    @property
    def is_filling(self) -> bool:
        """Whether another index is about to take this one's place."""
        return self._next is not None

    def follow(self, connection: Connection) -> list[int]:
        """Take in what was committed elsewhere; the items that changed. Raises SupersededError when it is of no use."""
        changed = self.index.follow(connection)
        if EVERYTHING in changed or self.superseded:
            self._look(connection)
        if self._next is not None and self._next.done():
            changed += self._take(connection, self._next)
        return [item_seq for item_seq in changed if item_seq != EVERYTHING]

    def _look(self, connection: Connection) -> None:
        """Write sketches of the making that counts now, and fill an index of it."""
        found = making.current(connection)
        mine = making.cleaner_version()
        if found is None or not found.is_of(self.sketching.header, mine):
            self.superseded = True
            raise SupersededError("another version of copytaster has made the index again; restart the server as that")
        self.superseded = False
        self.making = found.id
        self._next = Future()
        Thread(target=self._fill, args=(self._next,), name="index", daemon=True).start()

    def _fill(self, into: Future[HotIndex]) -> None:
        index = HotIndex(self.sketching)
        try:
            self._store.read(index.fill)
        except Exception as error:  # told where it is taken
            into.set_exception(error)
        else:
            into.set_result(index)

    def _take(self, connection: Connection, filled: Future[HotIndex]) -> list[int]:
        self._next = None
        failure = filled.exception()
        if failure is not None:
            _log.error("the index that was made again could not be filled; trying again", exc_info=failure)
            self._look(connection)
            return []
        self.index = filled.result()
        _log.info("the index that was made again is in use")
        return self.follow(connection)
