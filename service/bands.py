"""The index of bands: in this process's memory, built from the store's sketches when the service starts."""

from __future__ import annotations

from typing import Self

from detector import Entry, MemoryIndex
from service.store import Store


class Bands(MemoryIndex):
    """A MemoryIndex that also finds an entry by its id, to tell an editor what a match was with."""

    def __init__(self) -> None:
        super().__init__()
        self._by_id: dict[str, Entry] = {}

    @classmethod
    def of(cls, store: Store) -> Self:
        """An index of every stored item, in the order in which they arrived, without reading a page again."""
        index = cls()
        for entry in store.entries():
            index.add(entry)
        return index

    def add(self, entry: Entry) -> None:
        """Remember ``entry``."""
        super().add(entry)
        self._by_id[entry.item_id] = entry

    def entry(self, item_id: str) -> Entry:
        """The entry of an item that was added."""
        return self._by_id[item_id]
